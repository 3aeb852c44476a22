// What a DHCP client wrote about a lease, host names of a hostile server among it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "wire/dhcp_lease.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto lease = mandos::wire::parse_dhcp_lease({reinterpret_cast<const char*>(data), size});
    if (lease) {
        mandos::check(lease->address.address.is_ipv4() && lease->address.address.is_reachable_host()
                          && lease->address.prefix <= 32,
                      "a lease is of an address that a machine can have");
        mandos::check(!lease->gateway || lease->gateway->is_ipv4(), "a gateway is one");
    }
    return 0;
}
