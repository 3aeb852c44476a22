#include "adapters/mdns/finder.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "adapters/mdns/link_sockets.h"
#include "adapters/mdns/socket.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/discovery.h"
#include "core/mdns_gate.h"
#include "core/time.h"
#include "loop/asio.h"
#include "loop/clock.h"
#include "wire/dns_message.h"

namespace mandos::mdns {

namespace {

using core::Discovery;
using Family = Discovery::Family;

constexpr std::array families{Family::V6, Family::V4};

// Why messages are ignored; empty where nobody has to know.
std::string_view why_ignored(core::MdnsGate::Verdict verdict) {
    switch (verdict) {
    case core::MdnsGate::Verdict::Taken:
    case core::MdnsGate::Verdict::NotFromResponder: // a simple resolver's query, as ours are
        return {};
    case core::MdnsGate::Verdict::OffLink:
        return "Multicast DNS messages from beyond the link are ignored";
    case core::MdnsGate::Verdict::TooMany:
        return "Multicast DNS messages are too many, some are ignored";
    }
    return {};
}

} // namespace

class Finder::Parts : public std::enable_shared_from_this<Finder::Parts> {
  public:
    Parts(const io::any_io_executor& strand, Handlers handlers)
        : strand_(strand), handlers_(std::move(handlers)), timer_(strand), random_(std::random_device{}()) {}

    void link_up(std::uint32_t index, std::string_view name) {
        auto actions = discovery_.link_came(
            index, loop::now(),
            {.thousandths = std::uniform_int_distribution<std::uint16_t>(0, 1000)(random_)});
        if (!actions) {
            remark(index, actions.error().text());
            return;
        }
        Link& link = links_[index];
        link.name = name;
        for (const Family family : families) {
            auto& sockets = link.sockets[family];
            if (!sockets)
                sockets = std::make_unique<LinkSockets>(strand_, Place{.link = index, .family = family},
                                                        [self = weak_from_this()](const Received& received) {
                                                            if (const auto parts = self.lock())
                                                                parts->heard(received);
                                                        });
            if (auto listening = sockets->listen(); !listening)
                remark(index, listening.error().text());
        }
        perform(*actions);
    }

    void link_gone(std::uint32_t index) {
        links_.erase(index);
        perform(discovery_.link_gone(index));
    }

    void end() {
        ended_ = true;
        timer_.cancel();
        links_.clear();
    }

  private:
    struct Link {
        std::string name;
        std::map<Family, std::unique_ptr<LinkSockets>> sockets;
        std::set<std::string> remarks; // that were made; few, since they name nothing that a peer says
    };

    void remark(std::uint32_t index, std::string_view text) {
        const auto link = links_.find(index);
        if (text.empty() || (link != links_.end() && !link->second.remarks.emplace(text).second))
            return;
        if (handlers_.remark)
            handlers_.remark(fmt::format(
                "{}: {}",
                link != links_.end() ? quoted(link->second.name) : fmt::format("interface {}", index), text));
    }

    void heard(const Received& received) {
        const auto now = loop::now();
        const core::MdnsOrigin& origin = received.origin;
        const auto verdict = discovery_.judge(origin, now);
        if (verdict != core::MdnsGate::Verdict::Taken) {
            remark(origin.link, why_ignored(verdict));
            return;
        }
        const auto records = wire::read_dns_response(received.message);
        if (records)
            perform(discovery_.heard(origin, *records, now));
        else if (records.error().kind() == ErrorKind::Invalid) // queries of others come here as well
            remark(origin.link, "malformed Multicast DNS messages are ignored");
    }

    void perform(const Discovery::Actions& actions) {
        for (const auto& action : actions) {
            if (const auto* query = std::get_if<Discovery::Query>(&action))
                send(*query);
            else if (const auto* found = std::get_if<Discovery::Found>(&action))
                handlers_.found(found->id, found->server);
            else if (const auto* gone = std::get_if<Discovery::Gone>(&action))
                handlers_.gone(gone->id);
        }
        arm();
    }

    void send(const Discovery::Query& query) {
        const auto link = links_.find(query.link);
        if (link == links_.end())
            return;
        const auto id = std::uniform_int_distribution<std::uint16_t>()(random_);
        LinkSockets& sockets = *link->second.sockets.at(query.family);
        (void)sockets.listen(); // it may not have been possible before; link_up() told of it
        const auto sent = sockets.ask(wire::write_dns_query(id, query.questions));
        if (sent)
            return;
        discovery_.unsent(query, loop::now());
        remark(query.link, sent.error().text());
    }

    void arm() {
        const auto next = discovery_.next();
        if (!next || ended_) {
            armed_ = core::Time::max();
            timer_.cancel();
            return;
        }
        if (*next == armed_)
            return;
        armed_ = *next;
        timer_.expires_after(std::max(armed_ - loop::now(), core::BootClock::duration::zero()));
        timer_.async_wait([self = shared_from_this()](const std::error_code& error) {
            if (!error && !self->ended_)
                self->pass();
        });
    }

    void pass() {
        armed_ = core::Time::max();
        perform(discovery_.pass(loop::now()));
    }

    const io::any_io_executor strand_;
    const Handlers handlers_;
    Discovery discovery_;
    io::steady_timer timer_;
    core::Time armed_ = core::Time::max(); // when the timer goes off
    std::minstd_rand random_;
    std::map<std::uint32_t, Link> links_;
    bool ended_ = false;
};

Finder::Finder(const io::any_io_executor& strand, Handlers handlers)
    : parts_(std::make_shared<Parts>(strand, std::move(handlers))) {}

Finder::~Finder() {
    parts_->end();
}

void Finder::link_up(std::uint32_t index, std::string_view name) {
    parts_->link_up(index, name);
}

void Finder::link_gone(std::uint32_t index) {
    parts_->link_gone(index);
}

} // namespace mandos::mdns
