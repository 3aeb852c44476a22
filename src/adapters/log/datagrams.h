// Datagrams: sends to whoever receives datagrams at a path in the file system, finds it again when it was
// started again, and never waits for it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"

namespace mandos::log {

class Datagrams {
  public:
    explicit Datagrams(std::string path) : path_(std::move(path)) {}

    enum class Outcome {
        Taken,
        Full,    // the receiver has no room for it now
        TooLong, // for a datagram
        Absent,  // there is no receiver
    };
    Outcome send(std::string_view bytes);
    // An empty datagram that hands over FILE.
    Outcome send_file(const UniqueFd& file);

  private:
    template <class SendOnce>
    Outcome send_with(const SendOnce& send_once);
    bool connect();

    std::string path_;
    UniqueFd socket_;
};

} // namespace mandos::log
