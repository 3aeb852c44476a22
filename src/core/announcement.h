// Announcement: who announces the server on the local network, and under which name. Avahi does where it
// runs, else systemd-resolved, else nobody until one of them comes. A name that is somebody else's is changed
// until one is free; whatever fails is tried again after a rest that grows.
// No clock and no I/O: it is told what happens, and says what is to be done. Used by
// programs/mandos/announcer.
//
//              | Available    | Unavailable  | Published  | Collided     | Failed    | Rested       | Stopped
//   -----------+--------------+--------------+------------+--------------+-----------+--------------+----------
//   Idle       | add;         | -            | -          | -            | -         | -            | Over
//              | Publishing   |              |            |              |           |              |
//   Publishing | -            | remove; Idle | tell;      | remove, next | remove;   | -            | remove;
//              |              |              | Announced  | name, add;   | Resting   |              | Over
//              |              |              |            | Publishing   |           |              |
//   Announced  | -            | remove; Idle | -          | as above     | remove;   | -            | remove;
//              |              |              |            |              | Resting   |              | Over
//   Resting    | -            | Idle         | -          | -            | -         | add;         | Over
//              |              |              |            |              |           | Publishing   |
//   Over       | -            | -            | -          | -            | -         | -            | -
//
// "-": nothing is done and nothing changes; such an event comes too late.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/duration.h"

namespace mandos::core {

class Announcement {
  public:
    enum class Responder : std::uint8_t { Avahi, Resolved };

    // Busy: it runs, but takes no services now.
    enum class Avahi : std::uint8_t { Absent, Busy, Ready };
    enum class Resolved : std::uint8_t { Absent, Ready };
    struct Presence {
        Avahi avahi = Avahi::Absent;
        Resolved resolved = Resolved::Absent;
    };

    enum class State : std::uint8_t { Idle, Publishing, Announced, Resting, Over };
    // Of the responder that is used.
    enum class Event : std::uint8_t {
        Available,
        Unavailable,
        Published, // the name is ours on the network
        Collided,  // it is somebody else's
        Failed,
        Rested, // the time of a Rest is over
        Stopped // the server ends
    };

    struct Add {
        Responder responder;
        std::string name;
        bool operator==(const Add&) const = default;
    };
    struct Remove {
        Responder responder;
        bool operator==(const Remove&) const = default;
    };
    // Rested is to come after this; a Rest that has not ended when the next one begins never does.
    struct Rest {
        Duration time;
        bool operator==(const Rest&) const = default;
    };
    enum class Interest : std::uint8_t { Usual, Little };
    struct TellAnnounced {
        Responder responder;
        std::string name;
        Interest interest; // Little: names change all the time
        bool operator==(const TellAnnounced&) const = default;
    };
    struct TellFailing {
        Responder responder;
        bool operator==(const TellFailing&) const = default;
    };
    // Nobody is there who could announce.
    struct TellMissing {
        bool operator==(const TellMissing&) const = default;
    };
    using Action = std::variant<Add, Remove, Rest, TellAnnounced, TellFailing, TellMissing>;
    using Actions = std::vector<Action>; // in this order

    static constexpr Duration first_rest = std::chrono::seconds(1); // doubled with each further failure
    static constexpr Duration longest_rest = std::chrono::minutes(5);
    // After as many in a row it rests, and begins with the first name again.
    static constexpr std::size_t most_collisions = 100;
    static constexpr std::size_t collisions_of_interest = 10;

    // NAME is one that check_service_name() takes.
    explicit Announcement(std::string name);

    // Who is there now; first, when that is known of both.
    Actions present(Presence presence);
    Actions handle(Event event);

    State state() const { return state_; }

    // Of those that are there, the one to use: Avahi where it is Ready, resolved where Avahi is Absent.
    static std::optional<Responder> choose(Presence presence);

  private:
    enum class Told : std::uint8_t { Nothing, Announced, Failing, Missing };

    void rename(Actions& actions);
    void rest(Actions& actions);
    void announced(Actions& actions);

    const std::string first_name_;
    std::string name_;
    State state_ = State::Idle;
    std::optional<Responder> responder_; // the one that is used
    Duration next_rest_ = first_rest;
    std::size_t collisions_ = 0; // since the responder came, or the last rest
    Told told_ = Told::Nothing;  // the last
};

} // namespace mandos::core
