// Looks for Mandos servers on the network interfaces named and writes what it finds, a line each, until it is
// ended: "asking 3.1 lo", "found 4.2 ID INSTANCE ANNOUNCER ADDRESS SCOPE PORT", "gone 5.0 ID", "remark ...";
// the numbers are milliseconds from its start, INSTANCE is quoted. A line "up IFNAME" or "down IFNAME" on its
// standard input tells it that something happened to an interface. Ends with its standard input.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <net/if.h>
#include <unistd.h>

#include <fmt/core.h>

#include "adapters/mdns/finder.h"
#include "base/quote.h"
#include "core/discovery.h"
#include "loop/asio.h"

namespace {

using mandos::mdns::Finder;

class Program {
  public:
    explicit Program(std::span<char* const> interfaces) {
        for (const char* name : interfaces)
            up(name);
        read_commands();
    }

    int run() {
        loop_.run();
        return 0;
    }

  private:
    double elapsed() const {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    }

    void say(std::string_view line) {
        (void)std::fwrite(line.data(), 1, line.size(), stdout);
        (void)std::fputc('\n', stdout);
        (void)std::fflush(stdout);
    }

    void up(const std::string& name) {
        const std::uint32_t index = if_nametoindex(name.c_str());
        say(fmt::format("asking {:.1f} {}", elapsed(), name));
        finder_.link_up(index, name);
    }

    void read_commands() {
        input_.async_read_some(
            mandos::io::buffer(buffer_), [this](const std::error_code& error, std::size_t size) {
                if (error) {
                    loop_.stop();
                    return;
                }
                commands_.append(buffer_.data(), size);
                for (auto end = commands_.find('\n'); end != std::string::npos; end = commands_.find('\n')) {
                    obey(commands_.substr(0, end));
                    commands_.erase(0, end + 1);
                }
                read_commands();
            });
    }

    void obey(const std::string& command) {
        if (command.starts_with("up "))
            up(command.substr(3));
        else if (command.starts_with("down "))
            finder_.link_gone(if_nametoindex(command.substr(5).c_str()));
    }

    void found(Finder::Id id, const Finder::Server& server) {
        say(fmt::format("found {:.1f} {} {} {} {} {} {}", elapsed(), static_cast<std::uint64_t>(id),
                        mandos::quoted(server.instance.text()), server.announcer.address.text(),
                        server.place.address.text(), server.scope, server.place.port));
    }

    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    mandos::io::io_context loop_{1};
    std::string commands_;
    std::array<char, 256> buffer_{};
    mandos::io::posix::stream_descriptor input_{loop_, dup(STDIN_FILENO)};
    Finder finder_{loop_.get_executor(),
                   {.found = [this](Finder::Id id, const Finder::Server& server) { found(id, server); },
                    .gone =
                        [this](Finder::Id id) {
                            say(fmt::format("gone {:.1f} {}", elapsed(), static_cast<std::uint64_t>(id)));
                        },
                    .remark = [this](std::string_view text) { say(fmt::format("remark {}", text)); }}};
};

} // namespace

int main(int argc, char** argv) {
    Program program(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    return program.run();
}
