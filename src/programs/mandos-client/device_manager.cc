#include "programs/mandos-client/device_manager.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "loop/asio.h"

namespace mandos::client {

namespace {

constexpr auto control = "/run/udev/control"; // there is one while it runs
constexpr auto files = "/run/udev/data";

} // namespace

class DeviceManager::Parts : public std::enable_shared_from_this<DeviceManager::Parts> {
  public:
    Parts(const io::any_io_executor& strand, std::function<void()> changed)
        : changed_(std::move(changed)), descriptor_(strand) {}

    void start() {
        // Without inotify, it is waited until the time is over.
        const int watching = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        std::error_code failed;
        if (watching < 0)
            return;
        (void)descriptor_.assign(watching, failed);
        // It puts whole files in place (rename(2)).
        if (inotify_add_watch(watching, files, IN_MOVED_TO | IN_CREATE) >= 0)
            wait();
    }
    void stop() {
        changed_ = nullptr;
        std::error_code ignored;
        (void)descriptor_.close(ignored);
    }

  private:
    void wait() {
        descriptor_.async_wait(io::posix::stream_descriptor::wait_read,
                               [self = shared_from_this()](const std::error_code& error) {
                                   if (error || !self->changed_)
                                       return;
                                   self->read_all();
                                   self->wait();
                                   self->changed_();
                               });
    }
    void read_all() {
        alignas(inotify_event) std::array<char, 4096> events{};
        while (read(descriptor_.native_handle(), events.data(), events.size()) > 0)
            continue;
    }

    std::function<void()> changed_; // none: over
    io::posix::stream_descriptor descriptor_;
};

DeviceManager::DeviceManager(const io::any_io_executor& strand, std::function<void()> changed) {
    if (access(control, F_OK) != 0)
        return;
    parts_ = std::make_shared<Parts>(strand, std::move(changed));
    parts_->start();
}

DeviceManager::~DeviceManager() {
    if (parts_)
        parts_->stop();
}

bool DeviceManager::has_seen(std::uint32_t link) const {
    return !parts_ || access(fmt::format("{}/n{}", files, link).c_str(), F_OK) == 0;
}

} // namespace mandos::client
