// Links: which of a machine's network interfaces a client uses, which of them it brings up, when servers can
// be looked for on one, and what is taken down again at the end: what this client brought up, and nothing
// else. No clock and no I/O: it is told what the kernel says, and says what is to be done.
//
// 1. Which (mandos-client(8mandos), --interface; as Mandos 1.8 chooses).
//
//    --interface          | used                                                        | brought up
//    ---------------------+-------------------------------------------------------------+-----------
//    not given            | all with broadcast and ARP, neither loopback nor            | yes
//                         | point-to-point; where servers are given and not looked for, |
//                         | those two too                                               |
//    NAME                 | that, whatever it is                                        | yes
//    NAME, behind "none"  | that, whatever it is                                        | no
//
// 2. One that is used. It may come at any time, and go.
//
//            | seen down           | seen up, no carrier  | seen with carrier | delay is over | gone
//    --------+---------------------+----------------------+-------------------+---------------+------
//    new     | bring up; Rising    | Waiting              | came; Ready       | -             | -
//    Rising  | -: not yet          | Waiting              | came; Ready       | -             | -
//    Waiting | Down                | -                    | came; Ready       | came; Ready   | -
//    Ready   | left; Down          | left; Waiting, where | -                 | -             | left
//            |                     | it had one before    |                   |               |
//    Down    | -: others want that | Waiting              | came; Ready       | -             | -
//
//    New and seen down, but its name is about to be changed (udev has not seen it): Settling, which is like
//    new when that is over, or has taken device_manager_time. Not all kernels can rename what is up.
//
//    The delay (--delay) counts from when it is Waiting: some drivers never tell of a carrier. An address
//    that can be used now is "came" again: what could not be sent before can be sent then. One that is not to
//    be brought up is Down instead of Rising.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/duration.h"
#include "core/time.h"

namespace mandos::core {

class Links {
  public:
    enum class Servers : std::uint8_t { LookedFor, Given };
    struct Settings {
        std::vector<std::string> names; // as given, in order, "none" among them; empty: none were given
        Servers servers = Servers::LookedFor;
        Duration delay{};
    };

    struct Link {
        std::uint32_t index = 0;
        std::string name;
        bool up = false;
        bool carrier = false; // the kernel's IFF_RUNNING and IFF_LOWER_UP
        bool loopback = false;
        bool broadcast = false;
        bool arp = false;
        bool point_to_point = false;
        bool settled = true; // its name is not about to be changed
    };

    struct BringUp {
        std::uint32_t index = 0;
        bool operator==(const BringUp&) const = default;
    };
    struct TakeDown {
        std::uint32_t index = 0;
        bool operator==(const TakeDown&) const = default;
    };
    // Servers can be looked for, or asked, by this link; perhaps again.
    struct Came {
        std::uint32_t index = 0;
        std::string name;
        bool operator==(const Came&) const = default;
    };
    struct Left {
        std::uint32_t index = 0;
        bool operator==(const Left&) const = default;
    };
    using Action = std::variant<BringUp, TakeDown, Came, Left>;
    using Actions = std::vector<Action>; // in this order

    explicit Links(Settings settings) : settings_(std::move(settings)) {}

    // What the kernel says of a link, at first and whenever it changes.
    Actions seen(const Link& link, Time now);
    Actions gone(std::uint32_t index);
    // An address of it can be used from now on.
    Actions has_address(std::uint32_t index) const;
    // It could not be brought up; it is not tried again.
    void failed(std::uint32_t index);

    Actions pass(Time now);
    // When pass() has something to do, if nothing else happens. Nothing: never.
    std::optional<Time> next() const;

    // The last call: what is to be undone, the last one brought up first.
    Actions end();

    // How many there are that are used, and of them, that servers can be looked for on.
    std::size_t size() const { return used_.size(); }
    std::size_t ready() const;

  private:
    enum class State : std::uint8_t { New, Settling, Rising, Waiting, Ready, Down };
    enum class Use : std::uint8_t { No, AsItIs, BroughtUp };
    struct Used {
        std::string name;
        State state = State::New;
        bool had_carrier = false;
        Time waits_until; // while Waiting or Settling
    };

    Use use_of(const Link& link) const;
    void seen_down(const Link& link, Use use, Used& used, Time now, Actions& actions);
    void bring_up(std::uint32_t index, Used& used, Actions& actions);
    void came(std::uint32_t index, Used& used, Actions& actions) const;
    static void left(std::uint32_t index, const Used& used, Actions& actions);

    Settings settings_;
    std::map<std::uint32_t, Used> used_;
    std::vector<std::uint32_t> brought_up_; // and still there, in order
};

} // namespace mandos::core
