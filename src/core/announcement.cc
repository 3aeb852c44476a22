#include "core/announcement.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "core/service_name.h"

namespace mandos::core {

namespace {

using State = Announcement::State;
using Event = Announcement::Event;

enum class Do : std::uint8_t { Nothing, Add, Remove, Tell, Rename, Rest };

struct Cell {
    State next;
    Do what;
};

constexpr std::size_t events = 7;
using Row = std::array<Cell, events>;

constexpr Cell idle{State::Idle, Do::Nothing};
constexpr Cell publishing{State::Publishing, Do::Nothing};
constexpr Cell is_announced{State::Announced, Do::Nothing};
constexpr Cell resting{State::Resting, Do::Nothing};
constexpr Cell over{State::Over, Do::Nothing};
constexpr Cell begin{State::Publishing, Do::Add};
constexpr Cell give_up{State::Idle, Do::Remove};
constexpr Cell succeed{State::Announced, Do::Tell};
constexpr Cell rename_it{State::Publishing, Do::Rename};
constexpr Cell have_a_rest{State::Resting, Do::Rest};
constexpr Cell withdraw{State::Over, Do::Remove};

// As in the header.
constexpr std::array<Row, 5> table{{
    // Available   Unavailable  Published     Collided      Failed        Rested        Stopped
    {begin, idle, idle, idle, idle, idle, over},                                           // Idle
    {publishing, give_up, succeed, rename_it, have_a_rest, publishing, withdraw},          // Publishing
    {is_announced, give_up, is_announced, rename_it, have_a_rest, is_announced, withdraw}, // Announced
    {resting, idle, resting, resting, resting, begin, over},                               // Resting
    {over, over, over, over, over, over, over},                                            // Over
}};

} // namespace

Announcement::Announcement(std::string name) : first_name_(std::move(name)), name_(first_name_) {}

std::optional<Announcement::Responder> Announcement::choose(Presence presence) {
    switch (presence.avahi) {
    case Avahi::Ready:
        return Responder::Avahi;
    case Avahi::Busy:
        return std::nullopt;
    case Avahi::Absent:
        break;
    }
    return presence.resolved == Resolved::Ready ? std::optional(Responder::Resolved) : std::nullopt;
}

Announcement::Actions Announcement::present(Presence presence) {
    Actions actions;
    const std::optional<Responder> chosen = choose(presence);
    if (chosen != responder_) {
        if (responder_)
            actions = handle(Event::Unavailable);
        responder_ = chosen;
        collisions_ = 0;
        next_rest_ = first_rest;
        if (chosen)
            std::ranges::move(handle(Event::Available), std::back_inserter(actions));
    }
    const bool nobody = presence.avahi == Avahi::Absent && presence.resolved == Resolved::Absent;
    if (nobody && told_ != Told::Missing && state_ != State::Over) {
        told_ = Told::Missing;
        actions.emplace_back(TellMissing{});
    }
    return actions;
}

Announcement::Actions Announcement::handle(Event event) {
    const Cell& cell = table.at(static_cast<std::size_t>(state_)).at(static_cast<std::size_t>(event));
    check(cell.what == Do::Nothing || responder_.has_value(), "something is done by somebody");
    state_ = cell.next;
    Actions actions;
    switch (cell.what) {
    case Do::Nothing:
        break;
    case Do::Add:
        actions.emplace_back(Add{.responder = *responder_, .name = name_});
        break;
    case Do::Remove:
        actions.emplace_back(Remove{*responder_});
        break;
    case Do::Tell:
        announced(actions);
        break;
    case Do::Rename:
        rename(actions);
        break;
    case Do::Rest:
        rest(actions);
        break;
    }
    return actions;
}

void Announcement::announced(Actions& actions) {
    next_rest_ = first_rest;
    told_ = Told::Announced;
    actions.emplace_back(
        TellAnnounced{.responder = *responder_,
                      .name = name_,
                      .interest = collisions_ > collisions_of_interest ? Interest::Little : Interest::Usual});
}

void Announcement::rename(Actions& actions) {
    if (++collisions_ > most_collisions) {
        // Somebody takes each name that we try: there is no hurry to try the next.
        state_ = State::Resting;
        name_ = first_name_;
        next_rest_ = longest_rest;
        rest(actions);
        return;
    }
    name_ = next_service_name(name_);
    actions.emplace_back(Remove{*responder_});
    actions.emplace_back(Add{.responder = *responder_, .name = name_});
}

void Announcement::rest(Actions& actions) {
    collisions_ = 0;
    actions.emplace_back(Remove{*responder_});
    actions.emplace_back(Rest{next_rest_});
    next_rest_ = std::min(next_rest_ * 2, longest_rest);
    if (told_ != Told::Failing)
        actions.emplace_back(TellFailing{*responder_});
    told_ = Told::Failing;
}

} // namespace mandos::core
