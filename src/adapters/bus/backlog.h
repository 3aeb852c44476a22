// Backlog: what was sent to the message bus and has not been taken, as the queue and the socket tell, and for
// how long nothing has been taken of it. The bus may also have read what it does not pass on: so it is asked,
// now and then, for an answer of its own, behind all that was sent. Rules only: it neither sends nor waits.
// For the files of this folder only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace mandos::bus {

class Backlog {
  public:
    using Moment = std::chrono::steady_clock::time_point;

    // A message of WEIGHT bytes, roughly, is in the queue.
    void sent(std::size_t weight);

    // What there is now: MESSAGES in the queue, and UNREAD bytes in the socket.
    void look(std::uint64_t messages, int unread);
    // Bytes, roughly, sent since the queue was seen empty.
    std::size_t bytes() const { return bytes_; }

    // Whether the bus is to be asked now.
    bool wants_ping(Moment now);
    void pinged();     // it was asked
    void not_pinged(); // it could not be; what is sent next finds out why
    void answered();

    // Whether nothing has been taken for too long. After each look().
    bool stalls(Moment now);
    // When to look again; nothing: not before something is sent.
    std::optional<Moment> next_look(Moment now) const;

  private:
    std::size_t bytes_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t sent_since_look_ = 0; // messages
    int unread_ = 0;
    bool has_moved_ = false; // between the last two looks

    bool sent_since_ping_ = false;
    std::optional<Moment> ping_due_;
    bool is_pinged_ = false; // and has not answered

    std::optional<Moment> end_; // when it has stalled
};

} // namespace mandos::bus
