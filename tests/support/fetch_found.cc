// Fetches a password as mandos-client does, from servers that a script says to have been found: the race
// against floods of announcements without a network that carries them.
//     fetch_found SECKEY TLS-PRIVKEY TLS-PUBKEY [--server=ADDRESS:PORT] < script
// Each line of the script: "MILLISECONDS found|gone LINK SOURCE ADDRESS:PORT", in the order of time. The
// password goes to standard output, what people read to standard error.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>

#include "adapters/net/resolve.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "core/race.h"
#include "loop/asio.h"
#include "programs/fetch/fetch.h"
#include "programs/fetch/source.h"
#include "wire/server_address.h"

namespace {

namespace fetch = mandos::fetch;
namespace io = mandos::io;

struct Event {
    std::chrono::milliseconds at{};
    bool is_found = true;
    fetch::Found server;
};

std::vector<Event> read_script() {
    std::vector<Event> events;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::int64_t at = 0;
        std::string what;
        Event event;
        std::string address;
        words >> at >> what >> event.server.announcer.link >> event.server.announcer.source >> address;
        event.at = std::chrono::milliseconds(at);
        event.is_found = what == "found";
        const auto parsed = mandos::wire::parse_server_address(address);
        const auto endpoint =
            mandos::net::numeric_endpoint(parsed.value_or(mandos::core::ServerAddress{}), "");
        if (!words || !endpoint || !*endpoint) {
            std::cerr << "what is this: " << line << "\n";
            std::exit(64); // NOLINT(concurrency-mt-unsafe)
        }
        event.server.endpoint = **endpoint;
        event.server.service = "Mandos of " + event.server.announcer.source;
        events.push_back(std::move(event));
    }
    return events;
}

class Script : public fetch::Source {
  public:
    explicit Script(std::vector<Event> events) : events_(std::move(events)) {}

    void start(const io::any_io_executor& strand, fetch::Candidates& candidates) override {
        timer_.emplace(strand);
        candidates_ = &candidates;
        began_ = std::chrono::steady_clock::now();
        go_on();
    }

    void stop() override { timer_.reset(); }

  private:
    void go_on() {
        while (next_ < events_.size() && began_ + events_.at(next_).at <= std::chrono::steady_clock::now()) {
            const Event& event = events_.at(next_++);
            if (event.is_found)
                candidates_->found(event.server);
            else
                candidates_->gone(event.server);
        }
        if (next_ == events_.size())
            return;
        timer_->expires_at(began_ + events_.at(next_).at);
        timer_->async_wait([this](const std::error_code& error) {
            if (!error)
                go_on();
        });
    }

    const std::vector<Event> events_;
    std::size_t next_ = 0;
    std::chrono::steady_clock::time_point began_;
    fetch::Candidates* candidates_ = nullptr;
    std::optional<io::steady_timer> timer_;
};

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    fetch::Settings settings;
    settings.retry = std::chrono::seconds(10);
    for (const std::string_view argument : arguments) {
        if (argument.starts_with("--server="))
            settings.servers.push_back(*mandos::wire::parse_server_address(argument.substr(9)));
    }
    constexpr auto most = mandos::core::limits::key_file;
    settings.openpgp_secret_key = *mandos::read_secret_file(arguments.at(0), most);
    settings.tls_keys.private_key_pem = *mandos::read_secret_file(arguments.at(1), most);
    settings.tls_keys.public_key_pem = mandos::as_text(*mandos::read_file(arguments.at(2), most));
    Script script(read_script());
    settings.source = &script;
    const auto outcome = fetch::fetch_password(settings, [](std::string_view line) {
        const std::string whole = std::string(line) + "\n";
        (void)!write(STDERR_FILENO, whole.data(), whole.size());
    });
    if (!outcome || !std::holds_alternative<mandos::SecretBytes>(*outcome))
        return EXIT_FAILURE;
    const auto& password = std::get<mandos::SecretBytes>(*outcome);
    return mandos::write_all(STDOUT_FILENO, password.reveal()) ? EXIT_SUCCESS : EXIT_FAILURE;
}
