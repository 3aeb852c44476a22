// Settings: what the server runs with: the command line over CONFIGDIR/mandos.conf over the built-in
// defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/tls/tls.h"
#include "base/error.h"
#include "wire/finding.h"
#include "wire/mandos_conf.h"

namespace mandos::server {

// What the command line says; what it leaves open is nothing. It can only switch --debug and --foreground on
// and the others off, as in Mandos 1.8.
struct CommandLine {
    wire::MandosConf conf; // in the shape of the file, which it goes before
    std::string config_directory = "/etc/mandos";
    bool check = false;
    bool help = false;
    bool version = false;
};

struct Settings {
    std::string interface;
    std::string address;
    // 0: the kernel chooses. Nothing: core::default_port, or what the kernel chooses where that is taken.
    std::optional<std::uint16_t> port;
    wire::LogLevel log_level = wire::LogLevel::Notice;
    std::string priority = tls::default_priority;
    std::string service_name = "Mandos";
    bool use_ipv6 = true;
    bool use_dbus = true;
    bool zeroconf = true;
    bool restore = true;
    bool debug = false;
    bool foreground = false;
    std::string state_directory = "/var/lib/mandos";
    std::optional<int> socket; // a descriptor that was handed over
    std::string config_directory;
};

// FILE is what mandos.conf says.
Settings merge(const CommandLine& command_line, const wire::MandosConf& file);

// Reads CONFIGDIR/mandos.conf; a missing one is an empty one. Whatever is wrong with it is a finding.
wire::MandosConfParsed read_mandos_conf(const std::string& config_directory);

} // namespace mandos::server
