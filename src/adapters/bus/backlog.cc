#include "adapters/bus/backlog.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/limits.h"

namespace mandos::bus {

namespace {

constexpr auto between_pings = std::chrono::seconds(1);
constexpr auto between_looks = std::chrono::seconds(1);

} // namespace

void Backlog::sent(std::size_t weight) {
    ++sent_since_look_;
    sent_since_ping_ = true;
    bytes_ += weight;
}

void Backlog::look(std::uint64_t messages, int unread) {
    has_moved_ = messages < messages_ + sent_since_look_ || unread < unread_;
    messages_ = messages;
    unread_ = unread;
    sent_since_look_ = 0;
    if (messages == 0)
        bytes_ = 0;
}

bool Backlog::wants_ping(Moment now) {
    if (!sent_since_ping_ || is_pinged_)
        return false;
    if (!ping_due_)
        ping_due_ = now + between_pings;
    return *ping_due_ <= now;
}

void Backlog::pinged() {
    is_pinged_ = true;
    sent_since_ping_ = false;
    ping_due_.reset();
}

void Backlog::not_pinged() {
    sent_since_ping_ = false;
    ping_due_.reset();
}

void Backlog::answered() {
    is_pinged_ = false;
    end_.reset();
}

bool Backlog::stalls(Moment now) {
    if (messages_ == 0 && unread_ == 0 && !is_pinged_) {
        end_.reset();
        return false;
    }
    if (has_moved_ || !end_)
        end_ = now + core::limits::bus_stall;
    return *end_ <= now;
}

std::optional<Backlog::Moment> Backlog::next_look(Moment now) const {
    if (!end_)
        return ping_due_;
    const Moment look = now + between_looks;
    return ping_due_ ? std::min(look, *ping_due_) : look;
}

} // namespace mandos::bus
