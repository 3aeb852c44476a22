// What --connect and --server take: whatever parses must print as text that parses to the same, in both.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "core/server_address.h"
#include "wire/server_address.h"

namespace {

using mandos::Result;
using mandos::core::ServerAddress;
using mandos::wire::parse_server_address;

void check_address(const Result<ServerAddress>& address) {
    if (!address) {
        mandos::check(!address.error().text().empty(), "an error says something");
        return;
    }
    mandos::check(address->port != 0 && !address->host.empty(), "an address is complete");
    for (const auto& again :
         {parse_server_address(address->text()), parse_server_address(address->text(), 9)})
        mandos::check(again && *again == *address, "an address is read as it is written");
    (void)mandos::wire::needs_scope(*address);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_address(parse_server_address(text));
    check_address(parse_server_address(text, 9));
    return 0;
}
