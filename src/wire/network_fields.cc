#include "wire/network_fields.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "core/ip_address.h"
#include "core/network_settings.h"
#include "wire/server_address.h"

namespace mandos::wire {

using core::IpAddress;
using core::Subnet;

namespace {

constexpr std::uint8_t ipv4_bits = 32;
constexpr std::uint8_t ipv6_bits = 128;
constexpr std::uint8_t usual_ipv6_prefix = 64; // of a link (RFC 4291 §2.5.1)
constexpr std::size_t mapped_prefix = 12;      // bytes before an IPv4 address in its IPv6 form

std::optional<IpAddress> ipv4_of(std::string_view text) {
    std::array<std::byte, 4> four{};
    if (text.contains('\0') || inet_pton(AF_INET, std::string(text).c_str(), four.data()) != 1)
        return std::nullopt;
    return IpAddress::from_v4(four);
}

// Without brackets.
std::optional<IpAddress> ipv6_of(std::string_view text) {
    IpAddress address;
    if (text.contains('\0') || inet_pton(AF_INET6, std::string(text).c_str(), address.bytes.data()) != 1
        || address.is_ipv4()) // a mapped one is not what goes over a network
        return std::nullopt;
    return address;
}

std::string_view without_brackets(std::string_view text) {
    const bool has = text.size() >= 2 && text.starts_with('[') && text.ends_with(']');
    return has ? text.substr(1, text.size() - 2) : text;
}

// "255.255.255.0", or the number of its bits.
std::optional<std::uint8_t> mask_bits(std::string_view text, std::uint8_t most) {
    if (const auto bits = parse_number<std::uint8_t>(text))
        return *bits <= most ? bits : std::nullopt;
    const auto mask = ipv4_of(text);
    if (!mask || most != ipv4_bits)
        return std::nullopt;
    std::uint32_t word = 0;
    for (std::size_t byte = mapped_prefix; byte < mask->bytes.size(); ++byte)
        word = word << 8 | std::to_integer<std::uint32_t>(mask->bytes.at(byte));
    const auto ones = static_cast<std::uint8_t>(std::countl_one(word));
    return std::popcount(word) == ones ? std::optional(ones) : std::nullopt;
}

// Where no mask is given: the kernel takes that of the class (RFC 791 §3.2).
std::uint8_t usual_prefix(const IpAddress& address) {
    if (!address.is_ipv4())
        return usual_ipv6_prefix;
    const auto first = std::to_integer<unsigned>(address.bytes[mapped_prefix]);
    return first < 128 ? 8 : first < 192 ? 16 : 24;
}

} // namespace

Fields split_fields(std::string_view text) {
    Fields fields;
    std::size_t begin = 0;
    bool in_brackets = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '[')
            in_brackets = true;
        else if (text[at] == ']')
            in_brackets = false;
        else if (text[at] == ':' && !in_brackets) {
            fields.push_back(text.substr(begin, at - begin));
            begin = at + 1;
        }
    }
    fields.push_back(text.substr(begin));
    return fields;
}

std::string_view field(const Fields& fields, std::size_t number) {
    return number < fields.size() ? fields[number] : std::string_view();
}

Result<IpAddress> parse_bracketed_address(std::string_view text, std::string_view what) {
    const bool bracketed = text.starts_with('[');
    const auto address = bracketed ? ipv6_of(without_brackets(text)) : ipv4_of(text);
    if (!address)
        return fail(ErrorKind::Invalid,
                    "{} is {}, which is no address; expected one like 192.0.2.5 or [2001:db8::5]", what,
                    quoted(text));
    return *address;
}

bool looks_like_address(std::string_view text) {
    return text.starts_with('[') || ipv4_of(text.substr(0, text.find('/'))).has_value();
}

Result<Subnet> parse_subnet(std::string_view text, std::string_view mask, std::string_view what) {
    const std::size_t slash = text.rfind('/');
    std::string bracketed;
    std::string_view address_text = text.substr(0, slash);
    if (slash != std::string_view::npos) {
        mask = text.substr(slash + 1);
        if (mask.ends_with(']')) { // "[2001:db8::5/64]"
            mask.remove_suffix(1);
            bracketed = std::string(address_text) + "]";
            address_text = bracketed;
        }
    }
    Subnet subnet{.address = MANDOS_TRY(parse_bracketed_address(address_text, what))};
    if (mask.empty()) {
        subnet.prefix = usual_prefix(subnet.address);
        return subnet;
    }
    const auto bits = mask_bits(mask, subnet.address.is_ipv4() ? ipv4_bits : ipv6_bits);
    if (!bits)
        return fail(ErrorKind::Invalid,
                    "{} has the netmask {}; expected one like 255.255.255.0, or its number of bits (64 for "
                    "most IPv6 networks)",
                    what, quoted(mask));
    subnet.prefix = *bits;
    return subnet;
}

Result<std::string> parse_device(std::string_view text) {
    if (!is_interface_name(text))
        return fail(ErrorKind::Invalid, "{} cannot be the name of a network interface; see: ip link",
                    quoted(text));
    return std::string(text);
}

} // namespace mandos::wire
