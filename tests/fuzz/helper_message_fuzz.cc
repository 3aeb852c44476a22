// What mandos-client's two processes say to each other: what is read is written the same, byte for byte, so
// that nothing hides in a message, and each side refuses what only the other one says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/check.h"
#include "wire/helper_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mandos::wire;
    const mandos::ByteView message = std::as_bytes(std::span(data, size));
    const auto news = read_news(message);
    const auto request = read_request(message);
    mandos::check(!news || !request, "a message is of one side");
    if (news)
        mandos::check(std::ranges::equal(write_news(*news), message), "news are written as they were read");
    if (request)
        mandos::check(std::ranges::equal(write_request(*request), message),
                      "a request is written as it was read");
    return 0;
}
