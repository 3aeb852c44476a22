// Oracle: what a restart may leave of each client.
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/duration.h"
#include "tests/support/core_oracle.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is judged
using std::chrono::hours;

void Oracle::kept(const std::string& name, Save::What what, Now now) {
    const Account& one = accounts_.at(name);
    Kept& kept = kept_[name];
    if (what == Save::What::Everything)
        kept.account = one;
    kept.account.trust = one.trust;
    kept.saved = {.boot = now.boot,
                  .wall = now_.wall + std::chrono::duration_cast<WallTime::duration>(now.boot - now_.boot)};
}

// What TRUST comes to after a restart, by what was left of it when it was KEPT.
Oracle::Trust Oracle::restarted(const Account& one, const Kept& kept, const Restart& restart) const {
    Trust trust = one.trust;
    if (!restart.same_boot) {
        // A wall clock that went back makes nothing of what was left more; one that went ahead may take it
        // all.
        const auto passed = std::clamp<WallTime::duration>(restart.now.wall - kept.saved.wall,
                                                           WallTime::duration::zero(), hours(24 * 365 * 100));
        trust.until = restart.now.boot + (trust.until - kept.saved.boot) - passed;
    }
    if (restart.clean && trust.last_check_good && trust.until < restart.now.boot + one.settings.timeout) {
        trust.until = restart.now.boot + one.settings.timeout;
        trust.extended = false;
    }
    trust.lives = trust.lives && trust.until > restart.now.boot;
    if (trust.decision == Decision::Approve) // that was for those who were there
        trust.decision.reset();
    return trust;
}

// Takes the accounts to what their clients are at most after RESTART. Returns what they are at least, by what
// was durable; or a failure: something was not. LAST is when the server did something last: the wall clock
// that it saw then is the one that all deadlines have to be stored by.
Result<std::map<std::string, Oracle::Account>> Oracle::survive(const Restart& restart, Now last) {
    std::map<std::string, Account> least;
    for (auto& [name, one] : accounts_) {
        const auto kept = kept_.find(name);
        if (kept == kept_.end())
            return fail(ErrorKind::NotFound, "{} was added, and a crash undid it", name);
        Account& durable = least[name] = kept->second.account;
        Trust& floor = durable.trust;
        floor = restarted(durable, kept->second, restart);
        if (!restart.same_boot)
            floor.decision_ends = restart.now.boot + (floor.decision_ends - kept->second.saved.boot);
        const Kept in_line{.account = one,
                           .saved = {.boot = kept->second.saved.boot,
                                     .wall = last.wall
                                             + std::chrono::duration_cast<WallTime::duration>(
                                                 kept->second.saved.boot - last.boot)}};
        one.trust = restarted(one, in_line, restart);
        // A denial lasts until it would have ended, however long it took to start again.
        one.trust.decision_ends = restart.now.boot + (one.trust.decision_ends - restart.now_before);
    }
    return least;
}

// Lets CONFIGURED have its effect on both bounds.
void Oracle::reconfigure(const std::vector<ClientSettings>& configured,
                         std::map<std::string, Account>& least) {
    // Where the configuration shortens a timeout, who was last seen longer ago may get more of it, but never
    // more than there was; whom it enables has all of it.
    std::map<std::string, Time> before;
    for (const auto& [name, one] : accounts_)
        before.emplace(name, one.trust.until);
    on(Reconfigure{.configured = configured, .actor = {}});
    expected_ = {};
    for (const ClientSettings& said : configured) {
        const auto durable = least.find(said.name);
        if (durable == least.end())
            continue;
        const bool turned = configure(durable->second, said);
        const Trust& floor = durable->second.trust;
        Trust& most = accounts_.at(said.name).trust;
        if (floor.lives && most.lives)
            most.until =
                std::max(most.until, turned ? floor.until : std::min(floor.until, before.at(said.name)));
    }
}

// What is wrong with CLIENT, which has to be between FLOOR and its account; if nothing is, that is from now
// on what it is FOUND to be.
std::optional<std::string> Oracle::adopt(const Client& found, const Trust& floor, Time now) {
    const std::string& name = found.settings.name;
    const auto one = accounts_.find(name);
    if (one == accounts_.end())
        return fmt::format("{} is there again after the restart", name);
    if (!same_settings(one->second.settings, found.settings))
        return fmt::format("{} has other settings after the restart", name);
    Trust& most = one->second.trust;
    const Life& life = found.life;
    if (life.enabled && (!most.lives || life.expires.boot > most.until))
        return fmt::format("{} is more trusted after the restart than it was", name);
    if (floor.lives && (!life.enabled || life.expires.boot < floor.until))
        return fmt::format("{} has less time after the restart than was kept", name);
    const bool denied = life.decision == Decision::Deny && life.decision_ends.boot > now;
    if (most.decision && most.decision_ends > now
        && (!denied || life.decision_ends.boot < most.decision_ends))
        return fmt::format("the restart ended the denial of {}", name);
    if (denied && (!floor.decision || life.decision_ends.boot > floor.decision_ends))
        return fmt::format("{} is denied for longer after the restart", name);
    if (life.decision == Decision::Approve)
        return fmt::format("{} is still approved after the restart", name);
    const bool good = life.last_checker_status == 0;
    if (good && !most.last_check_good)
        return fmt::format("the restart forgot that the last check of {} went wrong", name);
    if (floor.last_check_good && !good)
        return fmt::format("the restart forgot that the last check of {} was good", name);
    most = {.lives = life.enabled,
            .until = life.expires.boot,
            .extended = life.allowance == Allowance::Extended,
            .decision = life.decision,
            .decision_ends = life.decision_ends.boot,
            .last_check_good = good};
    return std::nullopt;
}

std::optional<std::string> Oracle::restarts(const Restart& restart,
                                            const std::vector<ClientSettings>& configured,
                                            const Clients& found) {
    waits_.clear();
    auto least = survive(restart, std::exchange(now_, restart.now));
    if (!least)
        return least.error().text();
    reconfigure(configured, *least);
    if (found.size() != accounts_.size())
        return fmt::format("{} clients are there after the restart instead of {}", found.size(),
                           accounts_.size());
    names.clear();
    running.clear();
    for (const auto& [id, client] : found) {
        names.emplace(id, client.settings.name);
        const auto durable = least->find(client.settings.name);
        const auto account = accounts_.find(client.settings.name);
        const Trust floor = durable != least->end()      ? durable->second.trust
                            : account != accounts_.end() ? account->second.trust
                                                         : Trust{};
        if (auto wrong = adopt(client, floor, restart.now.boot))
            return wrong;
    }
    // What is no more is not kept either.
    std::erase_if(kept_, [this](const auto& entry) { return !accounts_.contains(entry.first); });
    return std::nullopt;
}

} // namespace mandos::support
