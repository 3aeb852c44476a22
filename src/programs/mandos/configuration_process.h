// ConfigurationProcess: reads the clients' configuration anew while the server runs. The server has given up
// root by then, and the files are root's: a process of its own keeps the right to read them, talks to nobody
// on the network, and sends the server what it read, as clients and findings. It has no other right, and ends
// with the server.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/mandos/clients.h"

namespace mandos::server {

class ConfigurationProcess {
  public:
    // Forks: before there are threads, sockets and secrets. CONFIG_DIRECTORY is read with each request.
    static Result<ConfigurationProcess> start(const std::string& config_directory);

    // What the configuration says now. One request at a time, on STRAND. An error: the process failed (what
    // is wrong with the configuration is among the findings).
    io::awaitable<Result<ClientsRead>> read(io::any_io_executor strand);
    // Ends a read() that is under way, on its strand.
    void cancel();

  private:
    explicit ConfigurationProcess(UniqueFd socket) : socket_(std::move(socket)) {}

    UniqueFd socket_;                    // its end ends the process; none once that has failed
    std::unique_ptr<loop::Watch> watch_; // while something is read
};

} // namespace mandos::server
