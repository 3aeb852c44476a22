#include "adapters/net/resolve.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/secret_bytes.h"
#include "core/server_address.h"
#include "loop/asio.h"
#include "loop/child.h"
#include "loop/watch.h"

namespace mandos::net {

namespace {

using AddressList = Handle<addrinfo, freeaddrinfo>;

enum class Take { Numbers, Names };

// Nothing: Numbers are to be taken, and HOST is a name.
Result<std::optional<AddressList>> get_addresses(const core::ServerAddress& server, Take take) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (take == Take::Numbers ? AI_NUMERICHOST : 0);
    addrinfo* found = nullptr;
    const int code = getaddrinfo(server.host.c_str(), fmt::format("{}", server.port).c_str(), &hints, &found);
    const int system_code = errno;
    if (code == 0)
        return AddressList(found);
    if (take == Take::Numbers && code == EAI_NONAME)
        return std::nullopt;
    if (code == EAI_SYSTEM)
        return fail_errno(system_code, "no address found");
    const bool absent = code == EAI_NONAME || code == EAI_NODATA;
    return fail(absent ? ErrorKind::NotFound : ErrorKind::System, "no address found: {}", gai_strerror(code));
}

Result<std::uint32_t> interface_number(const std::string& scope) {
    if (const unsigned number = if_nametoindex(scope.c_str()); number != 0)
        return number;
    if (const auto number = parse_number<std::uint32_t>(scope))
        return *number;
    return fail(ErrorKind::NotFound, "there is no network interface {}", quoted(scope));
}

// SCOPE is for link-local addresses only, unless SERVER itself has one.
Result<Endpoint> to_endpoint(const addrinfo& found, const core::ServerAddress& server,
                             const std::string& scope) {
    Endpoint endpoint;
    endpoint.length =
        static_cast<socklen_t>(std::min<std::size_t>(found.ai_addrlen, sizeof endpoint.address));
    std::memcpy(&endpoint.address, found.ai_addr, endpoint.length);
    if (endpoint.address.ss_family != AF_INET6)
        return endpoint;
    sockaddr_in6 address{};
    std::memcpy(&address, &endpoint.address, sizeof address);
    const bool link_local = IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr);
    if (address.sin6_scope_id != 0 || (server.scope.empty() && !link_local))
        return endpoint;
    const std::string& named = server.scope.empty() ? scope : server.scope;
    if (named.empty())
        return fail(ErrorKind::Invalid,
                    "a link-local address needs a network interface: add %INTERFACE to it, or use "
                    "--interface with exactly one");
    address.sin6_scope_id = MANDOS_TRY(interface_number(named));
    std::memcpy(&endpoint.address, &address, sizeof address);
    return endpoint;
}

// In the child: the endpoints, one after the other, each as its bytes are in memory.
Result<SecretBytes> look_up_now(const core::ServerAddress& server, const std::string& scope) {
    const std::vector<Endpoint> endpoints = MANDOS_TRY(look_up_blocking(server, scope));
    SecretBytes packed(endpoints.size() * sizeof(Endpoint));
    std::memcpy(packed.reveal().data(), endpoints.data(), packed.size());
    return packed;
}

Result<std::vector<Endpoint>> unpack(const SecretBytes& packed) {
    const std::size_t count = packed.size() / sizeof(Endpoint);
    if (count == 0 || packed.size() % sizeof(Endpoint) != 0)
        return fail(ErrorKind::NotFound, "no address found");
    std::vector<Endpoint> endpoints(count);
    std::memcpy(endpoints.data(), packed.reveal().data(), packed.size());
    for (Endpoint& endpoint : endpoints)
        endpoint.length = std::min<socklen_t>(endpoint.length, sizeof endpoint.address);
    return endpoints;
}

} // namespace

std::string Endpoint::text() const {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host.data(), host.size(),
                    port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV)
        != 0)
        return "an unknown address";
    return fmt::format(fmt::runtime(address.ss_family == AF_INET6 ? "[{}]:{}" : "{}:{}"), host.data(),
                       port.data());
}

bool Endpoint::operator==(const Endpoint& other) const {
    return length == other.length && std::memcmp(&address, &other.address, length) == 0;
}

Result<std::optional<Endpoint>> numeric_endpoint(const core::ServerAddress& server,
                                                 const std::string& scope) {
    const auto addresses = MANDOS_TRY(get_addresses(server, Take::Numbers));
    if (!addresses)
        return std::nullopt;
    return MANDOS_TRY(to_endpoint(**addresses, server, scope));
}

io::awaitable<Result<std::vector<Endpoint>>> look_up(core::ServerAddress server, std::string scope,
                                                     loop::Watch::Deadline deadline) {
    loop::ChildTask task = [server, scope = std::move(scope)] { return look_up_now(server, scope); };
    loop::ChildLimits limits;
    limits.deadline = deadline;
    limits.output = endpoints_of_a_name * sizeof(Endpoint);
    std::string what = fmt::format("looking up {}", quoted(server.host));
    const auto packed = co_await loop::in_child(std::move(what), std::move(task), limits);
    if (!packed)
        co_return std::unexpected(packed.error());
    co_return unpack(*packed);
}

Result<std::vector<Endpoint>> look_up_blocking(const core::ServerAddress& server, const std::string& scope) {
    const auto addresses = MANDOS_TRY(get_addresses(server, Take::Names));
    std::vector<Endpoint> endpoints;
    std::optional<Error> unusable;
    for (const addrinfo* found = addresses->get(); found != nullptr; found = found->ai_next) {
        auto endpoint = to_endpoint(*found, server, scope);
        if (!endpoint)
            unusable = std::move(endpoint).error();
        else if (std::ranges::find(endpoints, *endpoint) == endpoints.end()
                 && endpoints.size() < endpoints_of_a_name)
            endpoints.push_back(*endpoint);
    }
    if (!endpoints.empty())
        return endpoints;
    if (unusable)
        return std::unexpected(*std::move(unusable));
    return fail(ErrorKind::NotFound, "no address found");
}

} // namespace mandos::net
