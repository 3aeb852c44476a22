// DeviceManager: whether udev has seen a network interface, which may have got another name by that. Where no
// udev runs, nothing is ever renamed, and all have been seen. Told by the files that udev keeps about devices
// (/run/udev/data/nINDEX), as libudev's udev_device_get_is_initialized(3) is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "loop/asio.h"

namespace mandos::client {

class DeviceManager {
  public:
    // CHANGED is called on STRAND when it may have seen another one.
    DeviceManager(const io::any_io_executor& strand, std::function<void()> changed);
    DeviceManager(const DeviceManager&) = delete;
    DeviceManager& operator=(const DeviceManager&) = delete;
    ~DeviceManager();

    bool has_seen(std::uint32_t link) const;

  private:
    class Parts;
    // Shared with the wait for the files, which may already be queued when this goes.
    std::shared_ptr<Parts> parts_;
};

} // namespace mandos::client
