// What --connect takes: whatever parses must print as text that parses to the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "wire/server_address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto address = mandos::wire::parse_server_address(text);
    if (!address) {
        mandos::check(!address.error().text().empty(), "an error says something");
        return 0;
    }
    mandos::check(address->port != 0 && !address->host.empty(), "an address is complete");
    const auto again = mandos::wire::parse_server_address(address->text());
    mandos::check(again && *again == *address, "an address is read as it is written");
    (void)mandos::wire::needs_scope(*address);
    return 0;
}
