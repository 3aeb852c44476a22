#include "programs/mandos-client/options.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "adapters/tls/tls.h"
#include "base/command_line.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "base/version.h"
#include "core/addressing.h"
#include "core/limits.h"
#include "core/network_settings.h"
#include "core/server_address.h"
#include "programs/fetch/fetch.h"
#include "wire/kernel_network.h"
#include "wire/server_address.h"

namespace mandos::client {

namespace {

Result<Duration> parse_seconds(std::string_view text) {
    constexpr double most = 1e9; // 30 years
    const auto seconds = parse_number<double>(text);
    if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > most)
        return fail(ErrorKind::Invalid, "{} is no time in seconds; expected a number like 2.5, not below 0",
                    quoted(text));
    return std::chrono::round<Duration>(std::chrono::duration<double>(*seconds));
}

Result<void> set_time(Duration& time, std::string_view text) {
    time = MANDOS_TRY(parse_seconds(text));
    return {};
}

Result<void> add_connect(Options& options, std::string_view text) {
    options.connect.push_back(MANDOS_TRY(wire::parse_server_address(text)));
    return {};
}

Result<void> add_server(Options& options, std::string_view text) {
    options.servers.push_back(MANDOS_TRY(wire::parse_server_address(text, core::default_port)));
    return {};
}

Result<void> add_interfaces(Options& options, std::string_view text) {
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view name = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        if (name.empty())
            continue;
        if (!wire::is_interface_name(name))
            return fail(ErrorKind::Invalid, "{} cannot be the name of a network interface; see: ip link",
                        quoted(name));
        options.interfaces.emplace_back(name);
    }
    return {};
}

Result<void> set_priority(Options& options, std::string_view text) {
    options.priority = text;
    (void)MANDOS_TRY(tls::Context::for_mandos_server(options.priority)); // the cheapest that reads it
    return {};
}

template <class Setting>
Result<void> add_setting(Options& options, std::vector<Setting>& settings, Result<Setting> parsed) {
    if (parsed && settings.size() < core::limits::network_settings)
        settings.push_back(*std::move(parsed));
    else
        options.not_used.push_back(
            fmt::format("going on without {}", parsed ? "more of them" : parsed.error().text()));
    return {};
}

// For old scripts: in TLS 1.3 nothing depends on it.
Result<void> check_dh_bits(std::string_view text) {
    if (!parse_number<std::uint32_t>(text))
        return fail(ErrorKind::Invalid, "{} is no number of bits; expected one like 2048", quoted(text));
    return {};
}

Result<void> ignore(std::string_view /*value*/) {
    return {};
}

enum class Ask { Password, Help, Usage, Version };

struct Asked {
    Options options;
    Ask what = Ask::Password; // the first that was asked for
};

std::vector<Option> table_for(Asked& asked) {
    Options& options = asked.options;
    const auto text = [](std::string& into) {
        return [&into](std::string_view value) -> Result<void> {
            into = value;
            return {};
        };
    };
    const auto time = [](Duration& into) {
        return [&into](std::string_view value) { return set_time(into, value); };
    };
    const auto ask = [&asked](Ask what) {
        return [&asked, what](std::string_view /*value*/) -> Result<void> {
            if (asked.what == Ask::Password)
                asked.what = what;
            return {};
        };
    };
    return {
        {'c', "connect", "ADDRESS:PORT",
         "ask this Mandos server and look for no others; may be given several times: all are asked",
         [&options](std::string_view value) { return add_connect(options, value); }},
        {0, "server", "ADDRESS[:PORT]",
         "ask this Mandos server beside those that are found; may be given several times; an IPv6 address "
         "with "
         "a port needs brackets",
         [&options](std::string_view value) { return add_server(options, value); }},
        {'i', "interface", "NAME[,NAME...]", "network interfaces to use; \"none\": bring none up",
         [&options](std::string_view value) { return add_interfaces(options, value); }},
        {'s', "seckey", "FILE", "OpenPGP secret key", text(options.keys.openpgp_secret)},
        {'p', "pubkey", "FILE", "OpenPGP public key", text(options.keys.openpgp_public)},
        {'t', "tls-privkey", "FILE", "TLS private key", text(options.keys.tls_private)},
        {'T', "tls-pubkey", "FILE", "TLS public key", text(options.keys.tls_public)},
        {0, "priority", "STRING", "GnuTLS priority string for the handshake",
         [&options](std::string_view value) { return set_priority(options, value); }},
        {0, "dh-bits", "BITS", "ignored; kept for old scripts", check_dh_bits},
        {0, "dh-params", "FILE", "ignored; kept for old scripts", ignore},
        {0, "delay", "SECONDS", "how long to wait for an interface to come up", time(options.delay)},
        {0, "retry", "SECONDS", "the longest time between two tries of one server", time(options.retry)},
        {0, "ip", "SPEC", "address or DHCP, as the kernel's parameter ip= has it; may be given several times",
         [&options](std::string_view value) {
             return add_setting(options, options.network.addresses, wire::parse_ip_parameter(value));
         }},
        {0, "vlan", "NAME:PARENT", "make this VLAN, like vlan5:eth0; may be given several times",
         [&options](std::string_view value) {
             return add_setting(options, options.network.vlans, wire::parse_vlan_parameter(value));
         }},
        {0, "route", "NETWORK/PREFIX:GATEWAY[:DEVICE]", "make this route; may be given several times",
         [&options](std::string_view value) {
             return add_setting(options, options.network.routes, wire::parse_route_parameter(value));
         }},
        {0, "network-hook-dir", "DIR", "directory of network hooks", text(options.network_hook_directory)},
        {0, "debug", nullptr, "say each step; never a secret",
         [&options](std::string_view /*value*/) -> Result<void> {
             options.detail = fetch::Detail::EachStep;
             return {};
         }},
        {'?', "help", nullptr, "show this help", ask(Ask::Help)},
        {0, "usage", nullptr, "show a short usage message", ask(Ask::Usage)},
        {'V', "version", nullptr, "show the version", ask(Ask::Version)},
    };
}

std::string usage_text(std::span<const Option> table) {
    std::string text = "Usage: mandos-client";
    for (const Option& option : table)
        text += option.argument == nullptr ? fmt::format(" [--{}]", option.name)
                                           : fmt::format(" [--{}={}]", option.name, option.argument);
    return text + "\n";
}

std::string help_text(std::span<const Option> table) {
    return "Usage: mandos-client [OPTION...]\n"
           "Gets the password of this client from a Mandos server and writes it to standard output.\n\n"
           + describe_options(table);
}

// A link-local address without a link can never be reached: better said at once than for ever.
Result<void> check_scopes(const Options& options, std::string_view option,
                          std::span<const core::ServerAddress> servers) {
    for (const core::ServerAddress& server : servers) {
        if (wire::needs_scope(server) && options.only_interface().empty())
            return fail(ErrorKind::Invalid,
                        "option --{}: {} is a link-local address; add %INTERFACE to it, or name exactly one "
                        "with --interface",
                        option, server.text());
    }
    return {};
}

} // namespace

Result<std::variant<Options, Information>> read_options(int argc, char** argv) {
    Asked asked;
    const std::vector<Option> table = table_for(asked);
    auto parsed = parse_command_line(table, argc, argv);
    switch (asked.what) { // whatever came behind it
    case Ask::Help:
        return Information{.text = help_text(table)};
    case Ask::Usage:
        return Information{.text = usage_text(table)};
    case Ask::Version: // argp(3) would print it, but a plugin's standard output is for the password
        return Information{.stream = Information::Stream::Error,
                           .text = fmt::format("mandos-client {}", version())};
    case Ask::Password:
        break;
    }
    if (!parsed)
        return std::unexpected(std::move(parsed).error());
    MANDOS_TRY(check_scopes(asked.options, "connect", asked.options.connect));
    MANDOS_TRY(check_scopes(asked.options, "server", asked.options.servers));
    return std::move(asked.options);
}

core::AddressingSettings Options::addressing() const {
    const auto may_take_ipv4 = [](const core::ServerAddress& server) {
        const bool is_ipv6 = server.host.contains(':');
        return !is_ipv6 && !server.host.starts_with("169.254.") && !server.host.starts_with("127.");
    };
    const bool needed =
        std::ranges::any_of(connect, may_take_ipv4) || std::ranges::any_of(servers, may_take_ipv4);
    return {.wanted = network, .needed = needed ? core::Beyond::Ipv4 : core::Beyond::Nothing};
}

std::string Options::only_interface() const {
    std::vector<std::string> named = interfaces;
    std::erase(named, "none");
    return named.size() == 1 ? named.front() : "";
}

} // namespace mandos::client
