// A TCP connection to the first of some endpoints that takes one, for checkers.cc: dead hosts cost a timer
// and a socket, and no thread.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "adapters/net/resolve.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"

namespace mandos::server {

using WithConnection = std::move_only_function<void(Result<UniqueFd>)>;

// Tries ENDPOINTS (at least one) in their order, each with its share of LIMIT; DONE is called on STRAND,
// never from within. On errors: the last endpoint's, with its address. What is returned ends it: DONE is not
// called then.
std::move_only_function<void()> connect_to_one(const io::any_io_executor& strand,
                                               std::vector<net::Endpoint> endpoints,
                                               std::chrono::milliseconds limit, WithConnection done);

} // namespace mandos::server
