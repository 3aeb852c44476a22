// Race: whom a client that needs its password tries next. All candidates are tried at once, their first tries
// 100 ms apart (at once where nobody is being tried); one that failed is tried again after a time that
// doubles; the first good answer wins. Nothing that one candidate does delays or ends the tries of another.
// No clock and no I/O: it is told what happens and when. Used by programs/fetch.
//
//            | begin_next()    | failed()                 | rested()          | answered()       | remove()
//   ---------+-----------------+--------------------------+-------------------+------------------+---------
//   Waiting  | Trying, if its  | -                        | -                 | -                | gone
//            | time has come   |                          |                   |                  |
//   Trying   | -               | Waiting, for the back-off| Waiting, for as   | over: it has won | Leaving
//            |                 |                          | long as a back-off|                  |
//            |                 |                          | can get           |                  |
//   Leaving  | -               | gone                     | gone              | over: it has won | Leaving
//   over     | nobody          | nothing: too late        | nothing: too late | nothing: too late| nothing
//
// A candidate is Waiting when it is added. "-" and a candidate that is gone are refused: a bug, check().
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/duration.h"
#include "core/time.h"

namespace mandos::core {

class Race {
  public:
    enum class Candidate : std::uint32_t {}; // in the order of adding; never used twice

    struct Settings {
        Duration stagger = std::chrono::milliseconds(100);        // between two tries that begin
        Duration first_retry = std::chrono::seconds(1);           // doubled with each further failure
        Duration longest_retry = std::chrono::seconds(10);        // limit of that, not below shortest_retry
        Duration shortest_retry = std::chrono::milliseconds(100); // whatever the user says
    };

    // How much of a quarter of the back-off is left out, so that what failed together does not come back
    // together. The caller draws it.
    struct Jitter {
        std::uint16_t thousandths = 0; // 0 to 1000
    };

    explicit Race(const Settings& settings);

    Candidate add(Time now);
    void remove(Candidate candidate);

    // Whose try begins now; call it until it returns nothing.
    std::optional<Candidate> begin_next(Time now);
    // When begin_next() has somebody again, if nothing else happens. Nothing: never.
    std::optional<Time> next_begin() const;

    // How the try of CANDIDATE ended: with a failure, whatever its kind; well, but without an answer (a name
    // was looked up); with the password. The first two return how long CANDIDATE waits, or nothing where it
    // is not tried again. Answered returns whether it is the first.
    std::optional<Duration> failed(Candidate candidate, Time now, Jitter jitter);
    std::optional<Duration> rested(Candidate candidate, Time now);
    bool answered(Candidate candidate);

    std::optional<Candidate> winner() const { return winner_; }
    bool is_over() const { return winner_.has_value(); }
    std::size_t candidates() const { return entries_.size(); } // those that are leaving among them

  private:
    enum class State { Waiting, Trying, Leaving };
    struct Entry {
        State state = State::Waiting;
        Time next;             // while Waiting: when its time has come
        unsigned tries = 0;    // begun
        unsigned failures = 0; // in a row
    };

    Entry& tried(Candidate candidate); // the entry of one that is Trying or Leaving
    Duration back_off(unsigned failures, Jitter jitter) const;
    std::optional<Duration> wait(Candidate candidate, Time now, Duration duration);
    const std::pair<const Candidate, Entry>* first_waiting() const;

    const Settings settings_;
    std::map<Candidate, Entry> entries_;
    std::uint32_t added_ = 0;
    std::size_t being_tried_ = 0; // entries that are Trying or Leaving
    Time last_begin_ = Time::min();
    std::optional<Candidate> winner_;
};

} // namespace mandos::core
