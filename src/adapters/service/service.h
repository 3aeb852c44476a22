// The service manager that started this program, if one did: what it is told (sd_notify(3)) and the sockets
// that it hands over (sd_listen_fds(3)). Both protocols are stable and small, so that no library is needed.
// What it put into the environment is taken out of it: nothing that this program starts shall speak in its
// name.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mandos::service {

class Manager {
  public:
    // Reads and clears NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES.
    // Before there are threads, and before the process forks to become a daemon.
    static Manager from_environment();

    // The socket that was handed over; nothing: none was. Invalid: more than one.
    Result<std::optional<UniqueFd>> take_socket();

    bool has_socket() const { return sockets_ > 0; }

    void ready() { notify("READY=1"); }
    void reloading();
    void stopping() { notify("STOPPING=1"); }
    // The start goes on, with TEXT as its status: it may take this long from now on.
    void still_starting(std::chrono::microseconds longest, std::string_view text);
    // One line, for `systemctl status`.
    void status(std::string_view text);
    void alive() { notify("WATCHDOG=1"); }

    // How often alive() has to be said, which is twice as often as the manager wants; nothing: never.
    std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  private:
    // Nobody is told where there is nobody, or nobody listens.
    void notify(std::string_view state) const;

    std::string notify_socket_;
    std::optional<std::chrono::microseconds> watchdog_;
    int sockets_ = 0;
};

} // namespace mandos::service
