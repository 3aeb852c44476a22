#include "adapters/mdns/link_sockets.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "adapters/mdns/socket.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "core/limits.h"
#include "core/mdns_gate.h"
#include "loop/asio.h"

namespace mandos::mdns {

namespace {

// Messages taken before others on the loop have their turn: a flood must not keep a good server waiting.
constexpr int batch = 32;

} // namespace

class LinkSockets::Parts : public std::enable_shared_from_this<LinkSockets::Parts> {
  public:
    using Descriptor = io::posix::stream_descriptor;
    using Path = core::MdnsOrigin::Path;

    Parts(const io::any_io_executor& strand, const Place& place, Handler heard)
        : strand_(strand), place_(place), heard_(std::move(heard)) {}

    Result<void> listen() {
        if (listening_)
            return {};
        UniqueFd fd = MANDOS_TRY(open_listening_socket(place_));
        listening_.emplace(strand_, fd.release());
        wait(listening_);
        return {};
    }

    Result<void> ask(ByteView query) {
        if (!asking_) {
            UniqueFd fd = MANDOS_TRY(open_asking_socket(place_));
            asking_.emplace(strand_, fd.release());
            wait(asking_);
        }
        return send_to_all(asking_->native_handle(), place_, query);
    }

    void end() {
        ended_ = true; // HEARD may be what is running
        asking_.reset();
        listening_.reset();
    }

  private:
    void wait(std::optional<Descriptor>& descriptor) {
        descriptor->async_wait(Descriptor::wait_read,
                               [self = shared_from_this(), &descriptor](const std::error_code& error) {
                                   if (!error)
                                       self->take(descriptor);
                               });
    }

    void take(std::optional<Descriptor>& descriptor) {
        for (int taken = 0; taken < batch && descriptor; ++taken) {
            auto received = receive(descriptor->native_handle(), place_, buffer_);
            if (!received)
                break;
            if (received->message.empty() || ended_)
                continue;
            received->origin.path = &descriptor == &asking_ ? Path::Answer : Path::Announcement;
            heard_(*received);
        }
        // What is still there comes after all that others have to do by now.
        if (descriptor)
            wait(descriptor);
    }

    const io::any_io_executor strand_;
    const Place place_;
    const Handler heard_;
    bool ended_ = false;
    std::optional<Descriptor> asking_;
    std::optional<Descriptor> listening_;
    std::array<std::byte, core::limits::dns_message> buffer_{};
};

LinkSockets::LinkSockets(const io::any_io_executor& strand, const Place& place, Handler heard)
    : parts_(std::make_shared<Parts>(strand, place, std::move(heard))) {}

LinkSockets::~LinkSockets() {
    parts_->end();
}

Result<void> LinkSockets::listen() {
    return parts_->listen();
}

Result<void> LinkSockets::ask(ByteView query) {
    return parts_->ask(query);
}

} // namespace mandos::mdns
