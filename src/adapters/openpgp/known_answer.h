// A key and two messages that never change, for the known-answer test of librnp and for fuzzing. Made once by
// mandos-keygen. They protect nothing: everybody has them.
#pragma once

#include <string_view>

namespace mandos::openpgp::known_answer {

// The secret key of the first message.
constexpr std::string_view secret_key =
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
    "Comment: Mandos client key for self-test\n"
    "\n"
    "xVgEawWXYhYJKwYBBAHaRw8BAQdAtHulMSvt2Kq6rwdYeqgIm8Fz+7wxQ9QTmR+33YjTixEAAP9z\n"
    "tGVDRzKAvRfv7jfmQdEAPfzyT302p1+jcwzeFkv1uxDrzQlzZWxmLXRlc3TCiQQTFggAMRYhBK5v\n"
    "Gv5afrthhk/sHpvH47Pp+qWzBQJrBZdiAhsDBAsJCAcFFQgJCgsFFgIDAQAACgkQm8fjs+n6pbOC\n"
    "gQD+MlWE40WDjYUjxGioiGER0gtM8Pbtq5oCBh18VwKfh4wA/j5VRUpc+2tPlgvrNvg1+PSHQYLy\n"
    "PV3mf9d9OVmiyvgOx1gEawWXYhYJKwYBBAHaRw8BAQdA5jqwf1dSm5KZf7gEN6m0c0hxWeM+oAx4\n"
    "pUtZqc9HF3QAAQDfVfn4iRwO6VRl3sIMoW9Z4lsWL5S2Xcg7xierVCKpBg95wngEGBYIACAWIQSu\n"
    "bxr+Wn67YYZP7B6bx+Oz6fqlswUCawWXYgIbIAAKCRCbx+Oz6fqls8EMAP9E3bUAQLydhuSpIXaV\n"
    "cZ6RDL4QuWYBd5CtWyjbTOJDEwEA4Iyk49SSLwi0k4jWRWloCIHI55UxvLDGfgQrwLpTrwTHXQRr\n"
    "BZdiEgorBgEEAZdVAQUBAQdAuRrruQPeENkUzsjb2qQ4sRRELXjnNb36eatWyWkAX0oDAQgHAAD/\n"
    "cHgD7su0eRXad7hK/4qOboNv2Q40cxuvn/EhxaUXnWgRPsJ4BBgWCAAgFiEErm8a/lp+u2GGT+we\n"
    "m8fjs+n6pbMFAmsFl2ICGwwACgkQm8fjs+n6pbNtwgEAteB76f9fDsiAH16j7T73Of4YtPu5LM++\n"
    "qbsREcJVcDUA/iJ6WR8npu5D7/J+9IoHp1kShWn5UfokCJvLpKhUWoQB\n"
    "=xAuT\n"
    "-----END PGP PRIVATE KEY BLOCK-----\n";

// "known answer", encrypted to the key above.
constexpr std::string_view message_base64 = "wV4DsBSMnkKRWloSAQdAGI2qynkXCj33CDdTd05ayhTJU9a320WLXeA8T/EEHTQw"
                                            "k0XF/zKPtyESPDiludnF1xynZhfNfoYYjVsyL4X5W6wKVNyAXADWlbtFAyYcyG+K"
                                            "0sAJASTgnP29tdOeWPj85ctc+ALXMEB9zrX8m/O5QgMu0vtHeNlD76b7jwrVDnWb"
                                            "rErOGan/qiRoBKQ+58JTk5h9FuzbrzP/VI9nz/ivcmIjSh/5W7HqPGH714v1n6Zw"
                                            "Em5ZqomAvZ38BIlS5XiMWWNThDoetBQSyUnhjltMEMcXNwtigQOhlx2wdBr7F8ZX"
                                            "h61bd7UQvVCW3Qx/LZ5RXz6SO2Uk+6d4MdJ5IKG5Dau0FR9mpJV6rkLVFt/gMsts"
                                            "z2x03MPJgVA5CTYw";
constexpr std::string_view plaintext = "known answer";

// The same to another key, which is not kept.
constexpr std::string_view message_to_another_base64 =
    "wV4DouUbT2hnskUSAQdAtlZ2luQN3B3oxxpRgol1R+MavalZho+S2Tky7hQ1AjMw"
    "UtcynljQSNaaW5wu0bj2PMgxC4/yCL1q45PkQvtfHJiaX9xea+TOiEX9oWx49I58"
    "0sAJAUN2aO3WegK5SPcr+/vWI/ycs+yguaa3ChkqxY9amAdtrPRWZMTwMdL5YkA6"
    "8M2bQS9zwnQrpT3l/LRVUw+/IF5lFsxR6smFdmQY2trXOQ4yizWoSfxgDlsknDCT"
    "o9e6Kqi1w/JjFZxFLQdL3JjE3KLE8/zuouZa6mLOHo9Ip1boJsb5EfIOKe/d/1ED"
    "452yIL3QyPISGAz/YYSHDisKs6APqKy+jp9kPTt6YMaCu9cZ6Lu4uKNL32uBJcQT"
    "0ri82PzVhjb6w+uU";

} // namespace mandos::openpgp::known_answer
