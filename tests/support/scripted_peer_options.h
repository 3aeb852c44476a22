// The command line of scripted_peer, which scripted_peer_main.cc explains, as values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "base/bytes.h"
#include "base/error.h"
#include "tests/support/raw_tls.h"
#include "tests/support/scripted_peer.h"

namespace mandos::support {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

struct PeerOptions {
    Address server;
    std::optional<Address> source;
    std::uint32_t sources = 1;
    std::size_t count = 1;
    std::size_t parallel = SIZE_MAX;
    std::size_t stop_step = 0;
    std::optional<int> receive_buffer;
    std::chrono::duration<double> deadline{60};
    std::vector<std::string> expected{"served"};
    std::string keys;
    std::string private_key;
    std::string priority = priority_of_1_8;
    bool x509 = false;
    Script script{.line = {to_bytes("1"), to_bytes("\r\n")},
                  .answer = {},
                  .stop_after = {},
                  .stop_sent = {},
                  .stop_received = {}};
};

Result<PeerOptions> parse_peer_options(std::span<const std::string> arguments);

} // namespace mandos::support
