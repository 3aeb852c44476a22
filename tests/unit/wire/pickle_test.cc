#include "wire/pickle.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/limits.h"

namespace {

using mandos::as_bytes;
using mandos::ErrorKind;
using namespace mandos::wire; // NOLINT(google-build-using-namespace): it is what is tested
using namespace std::string_literals;
using namespace std::string_view_literals;
using namespace std::chrono_literals;

// What is wrong with BYTES: "" where they are read.
std::string refusal(std::string_view bytes) {
    const auto pickle = read_pickle(as_bytes(bytes));
    return pickle ? "" : pickle.error().text();
}

ErrorKind refusal_kind(std::string_view bytes) {
    const auto pickle = read_pickle(as_bytes(bytes));
    EXPECT_FALSE(pickle);
    return pickle ? ErrorKind::System : pickle.error().kind();
}

// The root of the pickle BYTES, which must be a T.
template <class T>
T root(std::string_view bytes) {
    const auto pickle = read_pickle(as_bytes(bytes));
    if (!pickle) {
        ADD_FAILURE() << pickle.error().text();
        return {};
    }
    const T* value = std::get_if<T>(&pickle->root());
    EXPECT_NE(value, nullptr) << describe(pickle->root());
    return value == nullptr ? T{} : *value;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

// datetime.datetime of ten bytes.
std::string time_of(std::string_view state) {
    return "cdatetime\ndatetime\nU\x0a" + std::string(state) + "\x85R.";
}

std::string span_of(std::string_view numbers) {
    return "cdatetime\ntimedelta\n(" + std::string(numbers) + "tR.";
}

} // namespace

TEST(Pickle, RefusesEveryNameButItsOwn) {
    EXPECT_EQ(refusal("cos\nsystem\n(S'reboot'\ntR."),
              R"(offset 0: the name "os.system" is not one that Mandos 1.8 stores)");
    EXPECT_EQ(refusal("\x80\x02"
                      "cposix\nsystem\nX\x06\0\0\0reboot\x85R."s),
              R"(offset 2: the name "posix.system" is not one that Mandos 1.8 stores)");
    for (const char* name : {"__builtin__\neval", "__builtin__\ngetattr", "builtins\nbytes", "datetime\ndate",
                             "datetime\ntimezone", "_codecs\ndecode", "dbus\nString", "\n",
                             "datetime.\ndatetime", "copy_reg\n_reconstructor"})
        EXPECT_EQ(refusal_kind("c"s + name + "\n."), ErrorKind::Unsupported) << name;
}

TEST(Pickle, RefusesUnknownInstructions) {
    constexpr std::string_view known = "(.NIJKMLSTUVX)t]lae}dsucRpqrghj\x80\x81\x85\x86\x87\x88\x89\x8a\x8b";
    for (int code = 0; code < 256; ++code) {
        const std::string bytes = "N"s + static_cast<char>(code) + repeated("\0"s, 20);
        if (!known.contains(static_cast<char>(code)))
            EXPECT_EQ(
                refusal(bytes),
                fmt::format("offset 1: the instruction 0x{:02x} is not one that Mandos 1.8 writes", code));
        else
            EXPECT_NE(refusal(bytes), "") << code;
    }
}

TEST(Pickle, RefusesLaterProtocols) {
    EXPECT_EQ(refusal("\x80\x03N."), "offset 0: a pickle of protocol 3; Mandos 1.8 writes 2");
    EXPECT_EQ(refusal("\x80\xffN."), "offset 0: a pickle of protocol 255; Mandos 1.8 writes 2");
}

TEST(Pickle, RefusesWhatIsCutShort) {
    EXPECT_EQ(refusal(""), "offset 0: cut short: 1 bytes are missing");
    EXPECT_EQ(refusal("X\x05\0\0\0four"s), "offset 0: cut short: 1 bytes are missing");
    EXPECT_EQ(refusal("S'no end"), "offset 0: cut short: a line has no end");
    for (const std::string_view whole : {"\x80\x02}(X\1\0\0\0aK\1X\1\0\0\0bJ\1\2\3\4\x8a\2\1\2\x86q\1u."sv,
                                         "(dp0\nS'a'\np1\nI01\nsVb\np2\n(L5L\nI7\ntp3\ns."sv})
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
}

TEST(Pickle, RefusesWhatFollowsItsEnd) {
    EXPECT_EQ(refusal("N.N"), "offset 2: something follows the end");
    EXPECT_EQ(refusal("N.\n"), "offset 2: something follows the end");
}

TEST(Pickle, RefusesLengthsThatAreNotThere) {
    for (const char* bytes : {"X\xff\xff\xff\xff", "T\xff\xff\xff\xff", "T\xff\xff\xff\x7f",
                              "\x8b\xff\xff\xff\xff", "U\xff", "\x8a\xff", "X\x01"})
        EXPECT_TRUE(refusal(bytes).starts_with("offset 0: cut short: ")) << bytes;
}

TEST(Pickle, RefusesNumbersThatDoNotFit) {
    EXPECT_EQ(refusal("\x8a\x09\0\0\0\0\0\0\0\0\x01."s), "offset 0: a number of 9 bytes; expected at most 8");
    EXPECT_EQ(refusal("L9223372036854775808L\n."),
              R"(offset 0: "9223372036854775808" is no number of at most 64 bits)");
    for (const char* line : {"", "x", "1x", " 1", "+1", "0x1", "1.5", "--1"})
        EXPECT_EQ(refusal_kind("I"s + line + "\n."), ErrorKind::Invalid) << line;
}

TEST(Pickle, RefusesTextThatIsNone) {
    EXPECT_EQ(refusal("X\1\0\0\0\xff."s), "offset 0: a text that is not UTF-8");
    EXPECT_EQ(refusal("X\3\0\0\0\xed\xa0\x80."s), "offset 0: a text that is not UTF-8");
    EXPECT_EQ(refusal("V\\ud800\n."), "offset 0: a text with U+D800, which is no character");
    EXPECT_EQ(refusal("V\\U00110000\n."), "offset 0: a text with U+110000, which is no character");
    for (const char* line : {"\\", "\\x41", "\\u", "\\u12", "\\u12g4", "\\U0000004", "\\u+123"})
        EXPECT_EQ(refusal_kind("V"s + line + "\n."), ErrorKind::Invalid) << line;
    for (const char* line :
         {"", "'", "x", "'x", "x'", "'x\"", "'a'b'", "'\\'", "'\\u0041'", "'\\0'", "'\\x4'", "'\\xg0'"})
        EXPECT_EQ(refusal_kind("S"s + line + "\n."), ErrorKind::Invalid) << line;
}

TEST(Pickle, RefusesCallsOfAnythingElse) {
    for (const std::string_view bytes :
         {"N)R."sv, "X\1\0\0\0x)R."sv, "cdatetime\ndatetime\n]R."sv, "cdatetime\ndatetime\nNR."sv, ")R."sv,
          "R."sv, "cdatetime\ndatetime\n)R."sv, "cdatetime\ndatetime\nK\1\x85R."sv,
          "cdatetime\ntimedelta\nK\1\x85R."sv, "c__builtin__\nbytes\nK\1\x85R."sv,
          "cdbus\nBoolean\nK\2\x85\x81."sv, "cdbus\nBoolean\n)\x81."sv,
          "c_codecs\nencode\nX\1\0\0\0xX\4\0\0\0utf8\x86R."sv, "c_codecs\nencode\nX\1\0\0\0x\x85R."sv,
          "c_codecs\nencode\nV\\u0100\nVlatin1\n\x86R."sv})
        EXPECT_EQ(refusal_kind(bytes), ErrorKind::Invalid) << bytes;
}

TEST(Pickle, RefusesTimesThatNoCalendarHas) {
    for (const std::string_view state :
         {"\x07\xe6\x02\x1d\0\0\0\0\0\0"sv, "\x07\xe8\0\1\0\0\0\0\0\0"sv, "\x07\xe8\x0d\1\0\0\0\0\0\0"sv,
          "\x07\xe8\1\1\x18\0\0\0\0\0"sv, "\x07\xe8\1\1\0\x3c\0\0\0\0"sv, "\x07\xe8\1\1\0\0\x3c\0\0\0"sv,
          "\x07\xe8\1\1\0\0\0\x0f\x42\x40"sv, "\0\0\1\1\0\0\0\0\0\0"sv, "\x27\x10\1\1\0\0\0\0\0\0"sv})
        EXPECT_EQ(refusal_kind(time_of(state)), ErrorKind::Invalid);
    EXPECT_EQ(refusal_kind("cdatetime\ndatetime\nU\x09\x07\xe8\1\1\0\0\0\0\0\x85R."s), ErrorKind::Invalid);
}

TEST(Pickle, RefusesSpansThatPythonHasNot) {
    for (const char* numbers :
         {"I1000000000\nK\1K\1", "I-1000000000\nK\1K\1", "K\1I86400\nK\1", "K\1I-1\nK\1", "K\1K\1I1000000\n",
          "K\1K\1I-1\n", "K\1K\1", "K\1K\1K\1K\1", "K\1K\1N"})
        EXPECT_EQ(refusal_kind(span_of(numbers)), ErrorKind::Invalid) << numbers;
}

TEST(Pickle, RefusesWhatDoesNotAddUp) {
    for (const std::string_view bytes :
         {"."sv,     "NN."sv,    "(."sv,    "(N."sv,   "t."sv,         "u."sv,       "}u."sv,
          "}(Nu."sv, "N(NNu."sv, "(NNu."sv, "}Ns."sv,  "NNNs."sv,      "(N(a."sv,    "Na."sv,
          "NNa."sv,  "]e."sv,    "N(Ne."sv, "\x85."sv, "N\x86."sv,     "N(N\x86."sv, "(Nd."sv,
          "h\0."sv,  "g0\n."sv,  "q\0."sv,  "(q\0."sv, "Np0\ng1\n."sv, "Npx\n."sv})
        EXPECT_EQ(refusal_kind(bytes), ErrorKind::Invalid) << bytes;
}

TEST(Pickle, NestingAsDeepAsItLikesCostsNothing) {
    const std::string shallow = repeated("]", 9'999) + repeated("a", 9'998) + ".";
    EXPECT_EQ(refusal(shallow), "");
    for (const char* opening : {"]", "(", "}K\1"}) {
        EXPECT_EQ(refusal_kind(repeated(opening, 100'000)), ErrorKind::Exhausted) << opening;
        EXPECT_TRUE(refusal(repeated(opening, 100'000)).ends_with(": nested deeper than 10000"));
    }
    // A tuple in a tuple in a tuple, without ever more than one of them waiting.
    EXPECT_EQ(refusal("N" + repeated("\x85", 1'000'000) + "."), "");
}

TEST(Pickle, EndsAtTooManyValues) {
    const std::size_t limit = mandos::core::limits::state_values;
    EXPECT_TRUE(refusal("](" + repeated(repeated("N", 1000) + "e(", limit / 1000))
                    .ends_with(fmt::format(": more than {} values", limit)));
    EXPECT_EQ(refusal_kind("N" + repeated("q\1", limit)), ErrorKind::Exhausted);
    EXPECT_EQ(refusal_kind("(" + repeated("N", limit)), ErrorKind::Exhausted);
}

TEST(Pickle, ABillionLaughsAreNotLaughed) {
    // Each list holds the one before ten times.
    std::string one = "(]q\0"s;
    for (char i = 1; i < 100; ++i)
        one += "](" + repeated("h"s + static_cast<char>(i - 1), 10) + "eq"s + i;
    EXPECT_EQ(refusal(one + "t."), "");
    EXPECT_EQ(root<PickleTuple>(one + "t.").items.size(), 100U);
}

TEST(Pickle, ManyCopiesOfOneTextEnd) {
    const std::string text = "X\0\0\x10\0"s + std::string(1 << 20, 'x'); // 1 MiB
    const std::string copies = "](" + ("c_codecs\nencode\nq\0"s + text + "q\1X\6\0\0\0latin1q\2\x86R"s)
                               + repeated("h\0h\1h\2\x86R"s, 300) + "e.";
    EXPECT_EQ(refusal_kind(copies), ErrorKind::Exhausted);
}

TEST(Pickle, WhatContainsItselfIsRead) {
    EXPECT_EQ(refusal("]q\0h\0a."s), "");
    EXPECT_EQ(refusal("}q\0(h\0h\0u."s), "");
    const auto pickle = read_pickle(as_bytes("]q\0h\0a."s)).value();
    EXPECT_EQ(&pickle.at(std::get<PickleList>(pickle.root()).items.at(0)), &pickle.root());
}

TEST(Pickle, ReadsNumbers) {
    EXPECT_EQ(root<std::int64_t>("I-7\n."), -7);
    EXPECT_EQ(root<std::int64_t>("L12L\n."), 12);
    EXPECT_EQ(root<std::int64_t>("L12\n."), 12);
    EXPECT_EQ(root<std::int64_t>("K\xff."), 255);
    EXPECT_EQ(root<std::int64_t>("M\xff\xfe."), 0xfeff);
    EXPECT_EQ(root<std::int64_t>("J\xfe\xff\xff\xff."), -2);
    EXPECT_EQ(root<std::int64_t>("\x8a\0."s), 0);
    EXPECT_EQ(root<std::int64_t>("\x8a\1\xff."), -1);
    EXPECT_EQ(root<std::int64_t>("\x8a\2\xff\0."s), 255);
    EXPECT_EQ(root<std::int64_t>("\x8b\x08\0\0\0\0\0\0\0\0\0\0\x80."s), INT64_MIN);
    EXPECT_FALSE(root<bool>("I00\n."));
    EXPECT_TRUE(root<bool>("I01\n."));
    EXPECT_TRUE(root<bool>("\x80\x02\x88."));
    EXPECT_FALSE(root<bool>("\x80\x02\x89."));
    EXPECT_TRUE(root<bool>("\x80\x02"
                           "cdbus\nBoolean\nK\1\x85\x81."));
}

TEST(Pickle, ReadsTextAndBytes) {
    EXPECT_EQ(root<PickleText>("X\2\0\0\0\xc3\xbc."s).text, "ü");
    EXPECT_EQ(root<PickleText>("V\xfc\\u5bc6\\U0001f512\\u005c\n.").text, "ü密🔒\\");
    EXPECT_EQ(root<PickleBytes>("U\2\xff\0."s).bytes, "\xff\0"s);
    EXPECT_EQ(root<PickleBytes>("T\2\0\0\0a\n."s).bytes, "a\n");
    EXPECT_EQ(root<PickleBytes>("S'a\\\\\\'\\n\\r\\t\\x00\"'\n.").bytes, "a\\'\n\r\t\0\""s);
    EXPECT_EQ(root<PickleBytes>("S\"it's\"\n.").bytes, "it's");
    EXPECT_EQ(root<PickleBytes>("c_codecs\nencode\nX\3\0\0\0a\xc3\xbfX\6\0\0\0latin1\x86R."s).bytes, "a\xff");
    EXPECT_EQ(root<PickleBytes>("c__builtin__\nbytes\n)R.").bytes, "");
}

TEST(Pickle, ReadsTimesAndSpans) {
    using namespace std::chrono;
    EXPECT_EQ(root<PickleTime>(time_of("\x07\xb2\1\1\0\0\0\0\0\0"sv)), PickleTime{});
    EXPECT_EQ(root<PickleTime>(time_of("\x07\xe8\x02\x1d\x17\x3b\x3b\x0f\x42\x3f"sv)),
              sys_days(2024y / 2 / 29) + 23h + 59min + 59s + 999'999us);
    EXPECT_EQ(root<PickleTime>(time_of("\0\1\1\1\0\0\0\0\0\0"sv)), PickleTime(sys_days(1y / 1 / 1)));
    EXPECT_EQ(root<PickleSpan>(span_of("K\1K\2I3999\n")), days(1) + 2s + 3ms);
    EXPECT_EQ(root<PickleSpan>(span_of("I-1\nI86399\nI999999\n")), -1ms); // rounded down
    EXPECT_EQ(root<PickleSpan>(span_of("I999999999\nI86399\nI999999\n")), days(1'000'000'000) - 1ms);
}

TEST(Pickle, ReadsStructures) {
    EXPECT_EQ(root<PickleTuple>(").").items.size(), 0U);
    EXPECT_EQ(root<PickleTuple>("(t.").items.size(), 0U);
    EXPECT_EQ(root<PickleTuple>("NNN\x87.").items.size(), 3U);
    EXPECT_EQ(root<PickleList>("(NNl.").items.size(), 2U);
    EXPECT_EQ(root<PickleList>("](NNeNa.").items.size(), 3U);
    EXPECT_EQ(root<PickleDictionary>("(NNNNd.").items.size(), 2U);
    EXPECT_EQ(root<PickleDictionary>("}NNs(NNu(u.").items.size(), 2U);
    const auto pickle = read_pickle(as_bytes("(dp0\nVa\np1\ng1\ns.")).value();
    const auto& items = std::get<PickleDictionary>(pickle.root()).items;
    EXPECT_EQ(items.at(0).first, items.at(0).second); // shared
}
