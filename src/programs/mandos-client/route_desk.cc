#include "programs/mandos-client/route_desk.h"

#include <cerrno>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "adapters/netlink/changes.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/direct_routes.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "programs/mandos-client/helper_channel.h"
#include "programs/mandos-client/messages.h"
#include "wire/helper_message.h"

namespace mandos::client {

using core::DirectRoutes;
using Route = DirectRoutes::Route;

class RouteDesk::Parts : public std::enable_shared_from_this<RouteDesk::Parts> {
  public:
    Parts(const io::any_io_executor& strand, UniqueFd channel, std::function<void(const Error&)> distrust)
        : distrust_(std::move(distrust)), channel_(strand, channel.release()), pace_(strand) {}

    void start() { wait_for_request(); }

    void came(std::uint32_t link, std::string_view name) {
        routes_.link_came(link);
        tell(link, wire::LinkCame{.link = link, .name = std::string(name)});
    }
    void left(std::uint32_t link) {
        for (const Route& route : routes_.link_left(link))
            (void)remove_from_kernel(route); // most are gone with the link
        tell(link, wire::LinkLeft{link});
    }
    void end() {
        is_over_ = true;
        std::error_code ignored;
        (void)channel_.close(ignored);
        pace_.cancel();
        for (const Route& route : routes_.routes())
            remove(route);
    }

  private:
    using Descriptor = io::posix::stream_descriptor;

    // News --------------------------------------------------------------------------------------------------
    void tell(std::uint32_t link, wire::NetworkNews news) {
        if (is_over_)
            return;
        unsent_.insert_or_assign(link, std::move(news));
        send_unsent();
    }

    void send_unsent() {
        while (!unsent_.empty()) {
            if (send_packet(channel_.native_handle(), wire::write_news(unsent_.begin()->second))
                == Sent::NotNow) {
                wait_to_send();
                return;
            }
            unsent_.erase(unsent_.begin());
        }
    }

    void wait_to_send() {
        if (std::exchange(waits_to_send_, true))
            return;
        channel_.async_wait(Descriptor::wait_write,
                            [self = shared_from_this()](const std::error_code& error) {
                                self->waits_to_send_ = false;
                                if (!error && !self->is_over_)
                                    self->send_unsent();
                            });
    }

    // Requests ----------------------------------------------------------------------------------------------
    void wait_for_request() {
        channel_.async_wait(Descriptor::wait_read, [self = shared_from_this()](const std::error_code& error) {
            if (!error && !self->is_over_)
                self->take_request();
        });
    }

    void take_request() {
        Packet buffer{};
        const auto packet = receive_packet(channel_.native_handle(), buffer);
        if (!packet)
            return; // it has ended, or is about to
        if (*packet) {
            if (const auto served = serve(**packet); !served) {
                distrust_(served.error());
                return;
            }
        }
        pace_.expires_after(core::limits::route_request_pace);
        pace_.async_wait([self = shared_from_this()](const std::error_code& error) {
            if (!error && !self->is_over_)
                self->wait_for_request();
        });
    }

    Result<void> serve(ByteView packet) {
        const auto request = MANDOS_TRY(wire::read_request(packet));
        return std::visit([this](const auto& one) { return serve(one); }, request);
    }

    Result<void> serve(const wire::AddRoute& request) {
        const Route route{.link = request.link, .address = request.address};
        const auto verdict = MANDOS_TRY(routes_.may_add(route));
        bool is_there = verdict == DirectRoutes::Verdict::ThereAlready;
        if (verdict == DirectRoutes::Verdict::Yes && add_to_kernel(route)) {
            routes_.added(route);
            is_there = true;
        }
        // Who does not read what it asked for need not be told.
        (void)send_packet(channel_.native_handle(),
                          wire::write_news(wire::RouteAnswer{
                              .link = request.link,
                              .address = request.address,
                              .state = is_there ? wire::RouteState::Added : wire::RouteState::NotAdded}));
        return {};
    }

    Result<void> serve(const wire::RemoveRoute& request) {
        const Route route{.link = request.link, .address = request.address};
        if (routes_.has(route))
            remove(route);
        return {};
    }

    // Routes ------------------------------------------------------------------------------------------------
    bool add_to_kernel(const Route& route) {
        if (const auto added = with_kernel(&netlink::Changes::add_route, route); !added) {
            say(added.error().text());
            return false;
        }
        return true;
    }

    void remove(const Route& route) {
        routes_.removed(route);
        const auto removed = remove_from_kernel(route);
        // It may have gone with its interface meanwhile.
        if (!removed && removed.error().code() != ESRCH && removed.error().code() != ENODEV)
            say(removed.error().text());
    }

    Result<void> remove_from_kernel(const Route& route) {
        return with_kernel(&netlink::Changes::remove_route, route);
    }

    Result<void> with_kernel(Result<void> (netlink::Changes::*change)(std::uint32_t, const core::IpAddress&),
                             const Route& route) {
        if (!kernel_)
            kernel_.emplace(MANDOS_TRY(netlink::Changes::open()));
        return ((*kernel_).*change)(route.link, route.address);
    }

    const std::function<void(const Error&)> distrust_;
    bool is_over_ = false;
    bool waits_to_send_ = false;
    Descriptor channel_;
    io::steady_timer pace_;
    DirectRoutes routes_;
    std::optional<netlink::Changes> kernel_;            // once there was a route
    std::map<std::uint32_t, wire::NetworkNews> unsent_; // the last of each link
};

RouteDesk::RouteDesk(const io::any_io_executor& strand, UniqueFd channel,
                     std::function<void(const Error& error)> distrust)
    : parts_(std::make_shared<Parts>(strand, std::move(channel), std::move(distrust))) {}

RouteDesk::~RouteDesk() {
    end();
}

void RouteDesk::start() {
    parts_->start();
}

void RouteDesk::came(std::uint32_t link, std::string_view name) {
    parts_->came(link, name);
}

void RouteDesk::left(std::uint32_t link) {
    parts_->left(link);
}

void RouteDesk::end() {
    if (!std::exchange(ended_, true))
        parts_->end();
}

} // namespace mandos::client
