// CoreWorld: a server's core in a small world of its own: machines that ask and vanish, checkers that end
// well, badly, late or never, administrators, a disk, two clocks, crashes and restarts. Lives through steps,
// each of which draws what it needs from its own seed, so that a sequence stays one when steps are dropped.
// After each event it compares with the Oracle, asks for what must hold between actions, state and disk, and
// whether what is said of each client is what it would get now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/actions.h"
#include "core/client.h"
#include "core/clients.h"
#include "core/events.h"
#include "core/key_id.h"
#include "core/peer_address.h"
#include "core/server.h"
#include "core/time.h"
#include "core/unsaved.h"
#include "tests/support/core_oracle.h"
#include "tests/support/core_store.h"

namespace mandos::support {

struct Step {
    enum class Kind : std::uint8_t {
        Ask,
        Hang,
        Deliver,
        FailToDeliver,
        RefusePeer,
        EndCheck,
        EndCheckThatWasStopped,
        Approve,
        Deny,
        Enable,
        Disable,
        MarkAlive,
        BeginCheck,
        CancelCheck,
        Change,
        Add,
        Remove,
        Reload,
        BeginLockdown,
        EndLockdown,
        Wait,     // with everything on the way handled when it is due
        Sleep,    // nothing is handled until its end
        LiveWell, // as Wait, and all checks end well
        SetClock, // the wall clock
        Flush,    // what is to be stored soon
        Crash,    // of the server
        PowerCut, // of its machine
        Restart,  // clean, of the server
        Reboot,   // clean, of the machine
        FillDisk, // the store takes nothing
        FreeDisk, // until it does again, or the server starts anew
    } kind;
    std::uint32_t seed;
};
constexpr std::size_t kinds_of_steps = static_cast<std::size_t>(Step::Kind::FreeDisk) + 1;

// The names of clients are among these, and their keys.
inline constexpr std::string_view digits = "abcdef01";

// For the story.
std::string text_of(core::Time::duration time);
std::string describe(const core::ClientSettings& settings);

class CoreWorld {
  public:
    explicit CoreWorld(std::uint32_t seed);

    void live(const Step& step);

    // What does not hold; nothing: all does.
    const std::optional<std::string>& failure() const { return failure_; }
    // What happened, for people; kept from now on.
    void tell(std::vector<std::string>& story);

  private:
    // What somebody who watches a client sees of it.
    struct View {
        std::string name;
        std::vector<std::pair<core::Property, std::int64_t>> properties;
    };
    using Views = std::map<core::ClientId, View>;

    // What STEP does, by what it is about.
    void connect(const Step& step);
    void check(const Step& step);
    void administer(const Step& step);
    void configure(const Step& step);
    void pass_time(const Step& step);
    void go_down(const Step& step);

    void happens(const core::Event& event, const std::string& told);
    void pass(core::Time::duration by, bool well);
    void begin(bool same_boot, core::Time now_before);

    // The disk (core_world_disk.cc).
    enum class IsDurable : std::uint8_t { Yes, No };
    IsDurable commit(const core::Actions& actions, const Oracle& before);
    void look_at_releases(IsDurable durable, const core::Actions& actions);
    void look_at_disk();

    // After each event.
    void compare_answers(const Oracle::Expected& expected, const core::Actions& actions);
    void compare_audit(const Oracle::Expected& expected, const core::Actions& actions);
    void compare_clients();
    void follow_checks(const core::Actions& actions, bool on_demand);
    void look_at_names(const core::Actions& actions, const Views& before);
    void look_at_changes(const core::Actions& actions, const Views& before);
    void look_at_deadlines(bool time_passed);
    // (core_world_questions.cc)
    void ask_for_everybody();
    void compare_words(const core::Server& asked, const core::Client& client, const core::Actions& got);
    Views views() const;

    // Chance, from the seed of the step.
    std::size_t below(std::size_t limit) { return random_() % limit; }
    bool one_in(std::size_t count) { return below(count) == 0; }
    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return *(choices.begin() + below(choices.size()));
    }
    std::optional<core::ClientId> some_client();
    core::KeyId some_key(char own);
    core::ClientSettings some_settings(const std::string& name);
    void edit_configuration();
    core::WallTime::duration some_jump();

    void expect(bool holds, const std::string& otherwise);
    void say(const std::string& text);

    std::mt19937 random_;
    core::Now now_;
    std::vector<core::ClientSettings> configuration_;
    std::optional<core::Server> server_;
    MemoryStore store_;
    core::Unsaved unsaved_;
    Oracle oracle_;
    std::optional<Oracle> durable_;               // as it was before what the store did not take
    std::map<std::string, std::size_t> released_; // secrets
    // Of whom something was withheld, since the store did not take the record: how many refusals it has to
    // have when it takes something again.
    std::map<std::string, std::size_t> withheld_;

    Views seen_; // after the last event

    std::uint64_t last_connection_ = 0;
    std::set<core::ConnectionId> answered_;
    std::vector<core::Delivered> deliveries_; // of secrets that are on their way
    struct Check {
        core::CheckId id;
        bool on_demand; // of a client that was not alive
    };
    std::map<core::ClientId, Check> running_;
    std::vector<std::pair<core::ClientId, core::CheckId>> stopped_;

    std::optional<std::string> failure_;
    std::vector<std::string>* story_ = nullptr;
};

} // namespace mandos::support
