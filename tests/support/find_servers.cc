// Looks for Mandos servers on the network interfaces named and writes what it finds, a line each, until it is
// ended: "asking 3.1 lo", "found 4.2 ID INSTANCE ANNOUNCER ADDRESS SCOPE PORT", "gone 5.0 ID", "remark ...";
// the numbers are milliseconds from its start, INSTANCE is quoted. SIGUSR1 tells it that something happened
// to the interfaces, SIGUSR2 that they are gone.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>
#include <system_error>

#include <net/if.h>

#include <fmt/core.h>

#include "adapters/mdns/finder.h"
#include "base/quote.h"
#include "core/discovery.h"
#include "loop/asio.h"

namespace {

using mandos::mdns::Finder;

class Program {
  public:
    explicit Program(std::span<char* const> interfaces) : interfaces_(interfaces) {
        for (const char* const name : interfaces_)
            up(name);
        obey_signals();
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

    void up(const char* name) {
        const std::uint32_t index = if_nametoindex(name);
        say(fmt::format("asking {:.1f} {}", elapsed(), name));
        finder_.link_up(index, name);
    }

    void obey_signals() {
        signals_.async_wait([this](const std::error_code& error, int number) {
            if (error)
                return;
            for (const char* const name : interfaces_) {
                if (number == SIGUSR1)
                    up(name);
                else
                    finder_.link_gone(if_nametoindex(name));
            }
            obey_signals();
        });
    }

    void found(Finder::Id id, const Finder::Server& server) {
        say(fmt::format("found {:.1f} {} {} {} {} {} {}", elapsed(), static_cast<std::uint64_t>(id),
                        mandos::quoted(server.instance.text()), server.announcer.address.text(),
                        server.place.address.text(), server.scope, server.place.port));
    }

    const std::span<char* const> interfaces_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    mandos::io::io_context loop_{1};
    mandos::io::signal_set signals_{loop_, SIGUSR1, SIGUSR2};
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
