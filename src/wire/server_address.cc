#include "wire/server_address.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "core/server_address.h"

namespace mandos::wire {

namespace {

constexpr std::size_t longest_host = 253; // characters of a name, RFC 1035 §2.3.4
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_interface = 15; // IFNAMSIZ - 1
constexpr std::size_t longest_port = 5;       // digits

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<in6_addr> parse_ipv6(const std::string& host) {
    in6_addr address{};
    if (inet_pton(AF_INET6, host.c_str(), &address) != 1)
        return std::nullopt;
    return address;
}

// The last label of a name is never all digits (RFC 1123 §2.1), so this one must be an IPv4 address.
bool looks_like_ipv4(std::string_view host) {
    const std::size_t dot = host.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
    return !last.empty() && std::ranges::all_of(last, is_digit);
}

bool is_name(std::string_view host) {
    if (host.ends_with('.')) // the whole name, no search list
        host.remove_suffix(1);
    if (host.empty() || host.size() > longest_host)
        return false;
    std::size_t label = 0;
    for (const char c : host) {
        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
            continue;
        }
        const bool fits = is_letter(c) || is_digit(c) || c == '_' || (c == '-' && label > 0);
        if (!fits || label == longest_label)
            return false;
        ++label;
    }
    return label > 0;
}

struct Parts {
    std::string_view host; // with its scope, without brackets
    std::optional<std::string_view> port;
    bool bracketed = false;
};

enum class Port { Needed, Optional };

// Without a port behind it, with or without a scope.
bool is_whole_ipv6(std::string_view text) {
    const std::size_t percent = text.find('%');
    if (percent != std::string_view::npos && text.find(':', percent) != std::string_view::npos)
        return false;
    return text.find('\0') == std::string_view::npos && parse_ipv6(std::string(text.substr(0, percent)));
}

Result<Parts> split(std::string_view text, Port port) {
    if (!text.starts_with('[')) {
        if (port == Port::Optional && is_whole_ipv6(text))
            return Parts{.host = text};
        const std::size_t colon = text.rfind(':');
        if (colon == std::string_view::npos && port == Port::Optional)
            return Parts{.host = text};
        if (colon == std::string_view::npos)
            return fail(ErrorKind::Invalid, "has no port; expected ADDRESS:PORT");
        return Parts{.host = text.substr(0, colon), .port = text.substr(colon + 1)};
    }
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos)
        return fail(ErrorKind::Invalid, "has no \"]\" for its \"[\"; expected [ADDRESS]:PORT");
    const std::string_view rest = text.substr(end + 1);
    if (rest.empty() && port == Port::Optional)
        return Parts{.host = text.substr(1, end - 1), .port = {}, .bracketed = true};
    if (!rest.starts_with(':'))
        return fail(ErrorKind::Invalid, "has no port behind the \"]\"; expected [ADDRESS]:PORT");
    return Parts{.host = text.substr(1, end - 1), .port = rest.substr(1), .bracketed = true};
}

Result<std::uint16_t> parse_port(std::string_view text) {
    const auto port = parse_number<std::uint16_t>(text);
    if (!port || *port == 0 || text.size() > longest_port)
        return fail(ErrorKind::Invalid, "has the port {}; expected a number from 1 to 65535", quoted(text));
    return *port;
}

// PORT: where TEXT has none; nothing: it has to have one.
Result<core::ServerAddress> parse(std::string_view text, std::optional<std::uint16_t> port) {
    const Parts parts = MANDOS_TRY(split(text, port ? Port::Optional : Port::Needed));
    core::ServerAddress address;
    address.port = parts.port ? MANDOS_TRY(parse_port(*parts.port)) : port.value_or(0);

    const std::size_t percent = parts.host.find('%');
    address.host = parts.host.substr(0, percent);
    if (address.host.empty())
        return fail(ErrorKind::Invalid, "has no address before the port; expected ADDRESS:PORT");

    const bool has_colon = address.host.find(':') != std::string::npos;
    if (has_colon || parts.bracketed) {
        if (address.host.find('\0') != std::string::npos || !parse_ipv6(address.host))
            return fail(ErrorKind::Invalid,
                        "has {}, which is no IPv6 address; expected one like [2001:db8::1]:4711",
                        quoted(address.host));
        if (percent == std::string_view::npos)
            return address;
        address.scope = parts.host.substr(percent + 1);
        if (!is_interface_name(address.scope))
            return fail(ErrorKind::Invalid,
                        "has {} behind its \"%\"; expected the name of a network interface, as in "
                        "[fe80::1%eth0]:4711",
                        quoted(address.scope));
        return address;
    }
    if (percent != std::string_view::npos)
        return fail(ErrorKind::Invalid,
                    "has a \"%\", which only IPv6 addresses have; expected ADDRESS:PORT without it");
    if (looks_like_ipv4(address.host)) {
        in_addr ipv4{};
        if (address.host.find('\0') != std::string::npos
            || inet_pton(AF_INET, address.host.c_str(), &ipv4) != 1)
            return fail(ErrorKind::Invalid,
                        "has {}, which is no IPv4 address; expected four numbers, as in 192.0.2.1:4711",
                        quoted(address.host));
        return address;
    }
    if (!is_name(address.host))
        return fail(ErrorKind::Invalid,
                    "has {}, which is neither an address nor a name; expected letters, digits, \"-\" and "
                    "\".\" (other letters in their \"xn--\" form)",
                    quoted(address.host));
    return address;
}

Result<core::ServerAddress> name_it(Result<core::ServerAddress> address, std::string_view text) {
    if (!address) // not context(): the sentence goes on, without a colon
        return fail(address.error().kind(), "{} {}", quoted(text), address.error().text());
    return address;
}

} // namespace

Result<core::ServerAddress> parse_server_address(std::string_view text) {
    return name_it(parse(text, std::nullopt), text);
}

Result<core::ServerAddress> parse_server_address(std::string_view text, std::uint16_t port) {
    return name_it(parse(text, port), text);
}

bool needs_scope(const core::ServerAddress& address) {
    if (!address.scope.empty())
        return false;
    const auto ipv6 = parse_ipv6(address.host);
    return ipv6 && IN6_IS_ADDR_LINKLOCAL(&*ipv6);
}

bool is_interface_name(std::string_view name) {
    // Brackets would end an address early: "[fe80::1%a]b]:1".
    const auto fits = [](char c) {
        return c > ' ' && std::string_view("/:%[]\x7f").find(c) == std::string_view::npos;
    };
    return !name.empty() && name.size() <= longest_interface && name != "." && name != ".."
           && std::ranges::all_of(name, fits);
}

} // namespace mandos::wire
