// Race: whom a client that needs its password tries next. All candidates are tried at once, their first tries
// staggered; one that failed is tried again after a time that doubles, for ever; the first good answer wins.
// Nothing that one candidate does delays or ends the tries of another, and no number of candidates that
// somebody on a link makes up keeps those of others waiting for long. No clock, no I/O and no chance: it is
// told what happens and when. Used by programs/fetch. Why it is so: docs/decisions/010.
//
// 1. Whose turn it is. Lanes have turns as in Race::turns; one without anybody whose time has come is passed
//    over. Within a lane the first of these rules that tells two apart decides.
//
//    lane  | who is in it                              | order
//    ------+-------------------------------------------+--------------------------------------------------
//    Given | what the administrator named, and the     | never tried before tried, longest due, first added
//          | addresses of its names                    |
//    New   | the first candidate of an announcer that  | the link whose turn was longest ago, the announcer
//          | had no turn                               | heard first, its candidate added first
//    Known | everybody else that was found             | the link, then the announcer, whose turn was
//          |                                           | longest ago; never tried before tried, longest
//          |                                           | due, first added
//
// 2. When it begins: once its time has come and there is a slot, and
//
//    the last try that began | Given                                       | New and Known
//    ------------------------+---------------------------------------------+--------------------------------
//    is over                 | at once                                     | 10 ms after it began
//    goes on                 | 100 ms after it began, divided by the number of candidates in Given that were
//                            | never tried and announcers in New, but not less than 10 ms
//
// 3. What holds a slot. Limits are in core/limits.h.
//
//    who              | tries at one time        | remembered
//    -----------------+--------------------------+------------------------------------------------------
//    Given            | given_tries              | as many as are named
//    found, on a link | found_tries on all links | new_announcers that had no turn: more are not taken;
//                     |                          | known_announcers that had one: the youngest gives way
//    of one announcer | announcer_tries          | announcer_candidates: the one that failed most often
//                     |                          | gives way; where none has, the newcomer is not taken
//    Where found_tries are under way and an announcer in New waits, the youngest of them that had
//    undisturbed_try (1 s) for itself is hung up, and fails: slots cannot be held by everybody for ever, and
//    who has held one for long (somebody has to approve) keeps it.
//
// 4. The state of each candidate.
//
//            | begin_next()  | failed()       | rested()       | answered() | remove(), gone() | found()
//   ---------+---------------+----------------+----------------+------------+------------------+----------
//   Waiting  | Trying, if its| -              | -              | -          | given: no more   | the same
//            | time has come |                |                |            | there; found:    |
//            |               |                |                |            | Parting if never |
//            |               |                |                |            | tried, else Away |
//   Parting  | Leaving,      | -              | -              | -          | the same         | Waiting
//            | likewise      |                |                |            |                  |
//   Trying   | -             | Waiting, for   | Waiting, for as| over: it   | Leaving          | the same
//            |               | the back-off   | long as a back-| has won    |                  |
//            |               |                | off can get    |            |                  |
//   Leaving  | -             | given: no more | as failed()    | over: it   | the same         | Trying
//            |               | there; found:  |                | has won    |                  |
//            |               | Away           |                |            |                  |
//   Away     | -             | -              | -              | -          | the same         | Waiting,
//            |               |                |                |            |                  | for what
//            |               |                |                |            |                  | is left
//   over     | nobody        | nothing: late  | nothing: late  | nothing    | nothing          | nobody
//
// "-" and a candidate that is not there are refused: a bug, check(). A goodbye can be forged as easily as an
// announcement. So it ends no try that goes on and none of a first one (Parting); and who is Away keeps its
// back-off for gone_server_memory, so that coming and going gains nothing.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/duration.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

// Who said that there is a server: the link that it was heard on (the index of the interface), and the source
// address of what was heard, in any form that is the same for the same address.
struct Announcer {
    std::uint32_t link = 0;
    std::string source;
    auto operator<=>(const Announcer&) const = default;
};

class Race {
  public:
    enum class Candidate : std::uint32_t {}; // in the order of adding; never used twice
    enum class Lane { Given, New, Known };

    // A new announcer goes before another try of a known one, apart from each fourth turn of theirs: else an
    // endless stream of new ones would keep a server that is to be asked again from it. What the
    // administrator named has every second turn, whatever is found.
    static constexpr std::array turns{Lane::Given, Lane::New, Lane::Given, Lane::New,
                                      Lane::Given, Lane::New, Lane::Given, Lane::Known};

    struct Settings {
        Duration stagger = std::chrono::milliseconds(100);
        Duration shortest_stagger = std::chrono::milliseconds(10);
        Duration first_retry = std::chrono::seconds(1);           // doubled with each further failure
        Duration longest_retry = std::chrono::seconds(10);        // limit of that, not below shortest_retry
        Duration shortest_retry = std::chrono::milliseconds(100); // whatever the user says
        Duration undisturbed_try = limits::undisturbed_try;
        Duration gone_server_memory = limits::gone_server_memory;
        std::size_t given_tries = limits::given_tries;
        std::size_t found_tries = limits::found_tries;
        std::size_t announcer_tries = limits::announcer_tries;
        std::size_t announcer_candidates = limits::announcer_candidates;
        std::size_t new_announcers = limits::new_announcers;     // on one link
        std::size_t known_announcers = limits::known_announcers; // on one link
    };

    // How much of a quarter of the back-off is left out, so that what failed together does not come back
    // together. The caller draws it.
    struct Jitter {
        std::uint16_t thousandths = 0; // 0 to 1000
    };

    explicit Race(const Settings& settings);
    Race(const Race&) = delete;
    Race& operator=(const Race&) = delete;

    // What the administrator named, and what is not to be tried any more of that.
    Candidate add(Time now);
    void remove(Candidate candidate);

    // ANNOUNCER said that there is a server at PLACE, perhaps again; PLACE is any text that is the same for
    // the same place. Nothing: not taken, because of a limit; it may be when it is heard of again.
    std::optional<Candidate> found(const Announcer& announcer, const std::string& place, Time now);
    // ... and that it is gone. Nothing happens where it is not known.
    void gone(const Announcer& announcer, const std::string& place, Time now);

    // What could not be reached before may be reached now. Who waits waits no longer, but for shortest_retry
    // from when its last try began.
    void network_changed(Time now);

    // Whose try begins now; call it until it returns nothing.
    std::optional<Candidate> begin_next(Time now);
    // Whose try is to be hung up now, which then fails; call it when begin_next() has nobody.
    std::optional<Candidate> hang_up_next(Time now);
    // When one of these two has somebody again, if nothing else happens. Nothing: never.
    std::optional<Time> next_turn() const;

    // How the try of CANDIDATE ended: with a failure, whatever its kind; well, but without an answer (a name
    // was looked up); with the password. The first two return how long CANDIDATE waits, or nothing where it
    // is not tried again. Answered returns whether it is the first.
    std::optional<Duration> failed(Candidate candidate, Time now, Jitter jitter);
    std::optional<Duration> rested(Candidate candidate, Time now);
    bool answered(Candidate candidate);

    std::optional<Candidate> winner() const { return winner_; }
    bool is_over() const { return winner_.has_value(); }
    bool knows(Candidate candidate) const { return entries_.contains(candidate); }
    bool knows(const Announcer& announcer, const std::string& place) const;
    std::size_t candidates() const { return entries_.size(); } // those that are leaving or away among them

  private:
    enum class State { Waiting, Parting, Trying, Leaving, Away };
    enum class Hold { Undisturbed, HungUp };
    using Turn = std::uint64_t; // counts tries that began; 0: none

    struct Place {
        Announcer announcer;
        std::string place;
        auto operator<=>(const Place&) const = default;
    };
    struct Link {
        Turn new_turn = 0;
        Turn known_turn = 0;
        std::size_t new_announcers = 0;
        std::size_t known_announcers = 0;
    };
    struct Record {           // of an announcer that has candidates
        Link* link = nullptr; // its own in links_
        Turn heard = 0;
        Turn first_turn = 0;
        Turn last_turn = 0;
        std::size_t candidates = 0;
        std::size_t tries = 0; // at this time
    };
    struct Entry {
        std::optional<Place> at;  // nothing: given
        Record* record = nullptr; // of its announcer, in announcers_; none: given
        State state = State::Waiting;
        Time next;             // while Waiting or Away: when its time has come
        Time forget;           // while Away
        Time begun;            // while Trying or Leaving
        unsigned tries = 0;    // begun
        unsigned failures = 0; // in a row
        Hold hold = Hold::Undisturbed;
    };
    struct Rank {
        Turn link = 0;
        Turn announcer = 0;
        unsigned tried = 0; // 0 or 1
        Time next;
        Candidate candidate{};
        auto operator<=>(const Rank&) const = default;
    };
    static Rank rank_of(Candidate candidate, const Entry& entry);
    using Entries = std::map<Candidate, Entry>;

    // race_turns.cc: sections 1 to 3 of the above.
    static bool waits(const Entry& entry);
    static bool goes_on(const Entry& entry);
    static bool can_be_hung_up(const Entry& entry);
    static Lane lane_of(const Entry& entry);
    bool has_slot(const Entry& entry) const;
    Duration stagger() const;
    std::array<Time, 3> paces() const;                                     // of each lane
    std::array<std::optional<Candidate>, 3> first_of_each(Time now) const; // lane
    void begin(Candidate candidate, Time now);
    bool wants_slot() const;
    std::optional<Time> next_hang_up() const;

    // race_found.cc: who is found, and who gives way.
    bool make_room(const Announcer& announcer, Time now);
    bool give_way(const Announcer& announcer, Time now);
    void had_first_turn(const Announcer& announcer);
    void forget(Candidate candidate);
    void forget_youngest(std::uint32_t link, const Announcer& except);

    Entry& tried(Candidate candidate); // the entry of one that is Trying or Leaving
    Duration back_off(unsigned failures, Jitter jitter) const;
    std::optional<Duration> wait(Candidate candidate, Time now, Duration duration);

    const Settings settings_;
    Entries entries_;
    std::map<Place, Candidate> found_;
    std::map<Announcer, Record> announcers_; // those and links stay where they are: entries point to them
    std::map<std::uint32_t, Link> links_;
    std::uint32_t added_ = 0;
    Turn heard_ = 0;              // announcers, ever
    Turn begun_ = 0;              // tries, ever
    std::size_t next_lane_ = 0;   // in turns
    std::size_t given_tries_ = 0; // entries of each that are Trying or Leaving
    std::size_t found_tries_ = 0;
    std::optional<Candidate> last_; // the try that began last, while it goes on
    Time last_begin_;               // of any try, where one has begun
    Time last_hang_up_ = Time::min();
    std::optional<Candidate> winner_;
};

} // namespace mandos::core
