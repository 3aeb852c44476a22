#include "core/links.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

namespace {

constexpr auto none = "none";

} // namespace

Links::Use Links::use_of(const Link& link) const {
    if (settings_.names.empty()) {
        if (link.loopback)
            return Use::No;
        const bool is_usual = link.broadcast && link.arp && !link.point_to_point;
        return is_usual || settings_.servers == Servers::Given ? Use::BroughtUp : Use::No;
    }
    if (link.name == none)
        return Use::No;
    const auto named = std::ranges::find(settings_.names, link.name);
    if (named == settings_.names.end())
        return Use::No;
    return std::ranges::find(settings_.names, none) < named ? Use::AsItIs : Use::BroughtUp;
}

Links::Actions Links::seen(const Link& link, Time now) {
    const Use use = use_of(link);
    if (use == Use::No)
        return gone(link.index); // its name may have been another one
    Actions actions;
    Used& used = used_[link.index];
    used.name = link.name;
    if (!link.up) {
        seen_down(link, use, used, now, actions);
        return actions;
    }
    if (link.carrier) {
        used.had_carrier = true;
        if (used.state != State::Ready)
            came(link.index, used, actions);
        return actions;
    }
    if (used.state == State::Ready && !used.had_carrier)
        return actions; // it is used without
    left(link.index, used, actions);
    if (used.state != State::Waiting) {
        used.state = State::Waiting;
        used.waits_until = now + settings_.delay;
    }
    used.had_carrier = false;
    return actions;
}

void Links::seen_down(const Link& link, Use use, Used& used, Time now, Actions& actions) {
    left(link.index, used, actions);
    const bool is_new = used.state == State::New || used.state == State::Settling;
    if (is_new && use == Use::BroughtUp) {
        if (link.settled) {
            bring_up(link.index, used, actions);
        } else if (used.state == State::New) {
            used.state = State::Settling;
            used.waits_until = now + limits::device_manager_time;
        }
    } else if (used.state != State::Rising) {
        used.state = State::Down;
    }
}

Links::Actions Links::gone(std::uint32_t index) {
    Actions actions;
    const auto found = used_.extract(index);
    if (found.empty())
        return actions;
    left(index, found.mapped(), actions);
    std::erase(brought_up_, index);
    return actions;
}

Links::Actions Links::has_address(std::uint32_t index) const {
    const auto found = used_.find(index);
    if (found == used_.end() || found->second.state != State::Ready)
        return {};
    return {Came{.index = index, .name = found->second.name}};
}

void Links::failed(std::uint32_t index) {
    std::erase(brought_up_, index);
    if (const auto found = used_.find(index); found != used_.end() && found->second.state == State::Rising)
        found->second.state = State::Down;
}

Links::Actions Links::pass(Time now) {
    Actions actions;
    for (auto& [index, used] : used_) {
        if (used.state == State::Waiting && used.waits_until <= now)
            came(index, used, actions);
        else if (used.state == State::Settling && used.waits_until <= now)
            bring_up(index, used, actions);
    }
    return actions;
}

std::optional<Time> Links::next() const {
    std::optional<Time> next;
    for (const auto& [index, used] : used_)
        if (used.state == State::Waiting || used.state == State::Settling)
            next = std::min(next.value_or(used.waits_until), used.waits_until);
    return next;
}

Links::Actions Links::end() {
    Actions actions;
    for (; !brought_up_.empty(); brought_up_.pop_back())
        actions.emplace_back(TakeDown{brought_up_.back()});
    used_.clear();
    return actions;
}

std::size_t Links::ready() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(used_, [](const auto& each) { return each.second.state == State::Ready; }));
}

void Links::bring_up(std::uint32_t index, Used& used, Actions& actions) {
    used.state = State::Rising;
    brought_up_.push_back(index);
    actions.emplace_back(BringUp{index});
}

void Links::came(std::uint32_t index, Used& used, Actions& actions) const {
    used.state = State::Ready;
    actions.emplace_back(Came{.index = index, .name = used.name});
}

void Links::left(std::uint32_t index, const Used& used, Actions& actions) {
    if (used.state == State::Ready)
        actions.emplace_back(Left{index});
}

} // namespace mandos::core
