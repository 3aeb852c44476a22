#include "tests/component/bus/private_bus.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace mandos::test {

namespace {

constexpr int deadline_ms = 60'000;

constexpr const char* configuration =
    R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={}/socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <deny send_destination="test.Peer" send_interface="test.Interface" send_member="Forbidden"/>
  </policy>
</busconfig>
)";

void require(bool condition, const char* what) {
    if (!condition)
        throw std::runtime_error(what); // the test then fails with these words
}

std::string new_folder() {
    std::string name = "/tmp/mandos-bus-XXXXXX";
    require(mkdtemp(name.data()) != nullptr, "mkdtemp failed");
    return name;
}

// The daemon prints its address once it listens.
std::string read_line(int fd) {
    std::string line;
    while (!line.ends_with('\n')) {
        pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
        require(poll(&waiting, 1, deadline_ms) == 1, "dbus-daemon said nothing in time");
        char letter = 0;
        require(read(fd, &letter, 1) == 1, "dbus-daemon ended");
        line += letter;
    }
    line.pop_back();
    return line;
}

} // namespace

PrivateBus::PrivateBus() : folder_(new_folder()) {
    const std::string file = folder_ + "/bus.conf";
    const std::string text = fmt::format(configuration, folder_);
    require(write_file_atomically(file, as_bytes(text), 0644).has_value(), "cannot write bus.conf");
    std::array<int, 2> ends{};
    require(pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2 failed");
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
    std::string program = "dbus-daemon";
    std::string option = "--config-file=" + file;
    std::string nofork = "--nofork";
    std::string print = "--print-address";
    const std::array<char*, 5> argv{program.data(), option.data(), nofork.data(), print.data(), nullptr};
    require(posix_spawnp(&process_, "dbus-daemon", &actions, nullptr, argv.data(), environ) == 0,
            "cannot start dbus-daemon");
    posix_spawn_file_actions_destroy(&actions);
    writing.reset();
    setenv("DBUS_SYSTEM_BUS_ADDRESS", read_line(reading.get()).c_str(), 1);
}

PrivateBus::~PrivateBus() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    for (const char* file : {"/socket", "/bus.conf"})
        unlink((folder_ + file).c_str());
    rmdir(folder_.c_str());
}

SilentBus::SilentBus() : folder_(new_folder()), socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::string path = folder_ + "/socket";
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const auto* const plain = reinterpret_cast<const sockaddr*>(&address); // bind(2) takes every family
    require(bind(socket_.get(), plain, sizeof(address)) == 0 && listen(socket_.get(), 1) == 0,
            "cannot listen");
    setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1);
}

SilentBus::~SilentBus() {
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    unlink((folder_ + "/socket").c_str());
    rmdir(folder_.c_str());
}

struct Peer::Service {
    sd_bus* bus = nullptr;
    int end = -1; // an eventfd that ends run()
    std::thread thread;

    void run() const {
        for (;;) {
            while (sd_bus_process(bus, nullptr) > 0) {
            }
            std::array<pollfd, 2> waiting{{{.fd = sd_bus_get_fd(bus), .events = POLLIN, .revents = 0},
                                           {.fd = end, .events = POLLIN, .revents = 0}}};
            if (sd_bus_flush(bus) < 0 || poll(waiting.data(), waiting.size(), deadline_ms) < 1
                || waiting[1].revents != 0)
                return;
        }
    }
};

namespace {

int answer(sd_bus_message* call, void* /*data*/, sd_bus_error* /*error*/) {
    if (sd_bus_message_is_method_call(call, nullptr, nullptr) == 0
        || std::string_view(sd_bus_message_get_destination(call)) != Peer::name)
        return 0;
    const std::string_view method = sd_bus_message_get_member(call);
    const char* const signature = sd_bus_message_get_signature(call, 1);
    if (method == "Quiet")
        return 1;
    if (method == "Fail") {
        const char* text = nullptr;
        sd_bus_message_read(call, "s", &text);
        return sd_bus_reply_method_errorf(call, "test.Error.Failed", "%s", text) < 0 ? -1 : 1;
    }
    if (method == "Signature")
        return sd_bus_reply_method_return(call, "s", signature) < 0 ? -1 : 1;
    if (method == "Descriptor")
        return sd_bus_reply_method_return(call, "h", 0) < 0 ? -1 : 1;
    sd_bus_message* reply = nullptr;
    if (sd_bus_message_new_method_return(call, &reply) < 0)
        return -1;
    sd_bus_message_copy(reply, call, 1);
    const int sent = sd_bus_send(nullptr, reply, nullptr);
    sd_bus_message_unref(reply);
    return sent < 0 ? -1 : 1;
}

} // namespace

Peer::Peer() : service_(std::make_unique<Service>()) {
    require(sd_bus_open_system(&service_->bus) >= 0, "the peer cannot connect");
    require(sd_bus_add_filter(service_->bus, nullptr, answer, nullptr) >= 0, "the peer cannot listen");
    require(sd_bus_request_name(service_->bus, name, 0) >= 0, "the peer cannot have its name");
    service_->end = eventfd(0, EFD_CLOEXEC);
    service_->thread = std::thread([service = service_.get()] { service->run(); });
}

Peer::~Peer() {
    eventfd_write(service_->end, 1);
    service_->thread.join();
    close(service_->end);
    sd_bus_flush_close_unref(service_->bus);
}

} // namespace mandos::test
