// The command line of mandos-client (mandos-client(8mandos)): everything that Mandos 1.8 takes, in its forms.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/tls/tls.h"
#include "base/duration.h"
#include "base/error.h"
#include "core/addressing.h"
#include "core/network_settings.h"
#include "core/server_address.h"
#include "programs/fetch/fetch.h"
#include "programs/mandos-client/key_files.h"

namespace mandos::client {

struct Options {
    std::vector<core::ServerAddress> connect; // --connect: these, and nothing is looked for
    std::vector<core::ServerAddress> servers; // --server: beside what is found
    std::vector<std::string> interfaces;      // in the order given, "none" among them
    KeyFiles keys;
    std::string priority = tls::default_priority;
    Duration delay = std::chrono::milliseconds(2500);
    Duration retry = std::chrono::seconds(10);
    std::string network_hook_directory = "/lib/mandos/network-hooks.d";
    fetch::Detail detail = fetch::Detail::Failures;
    core::NetworkSettings network; // --ip, --vlan, --route
    // Of these, what cannot be used and why, for people. It comes from the kernel's command line, which
    // others read too: what is meant for them must not keep anybody from finding servers on the bare link.
    std::vector<std::string> not_used;

    // The one interface that link-local addresses without one are on; empty: none or several were given.
    std::string only_interface() const;
    // What is to be done beyond bare links: --ip, --vlan and --route; and whether one of the servers that are
    // given may take IPv4 beyond the link.
    core::AddressingSettings addressing() const;
};

// What was asked for instead of a password: text, and where it goes.
struct Information {
    enum class Stream { Output, Error };
    Stream stream = Stream::Output;
    std::string text;
};

// Invalid: which option is wrong and what was expected.
Result<std::variant<Options, Information>> read_options(int argc, char** argv);

} // namespace mandos::client
