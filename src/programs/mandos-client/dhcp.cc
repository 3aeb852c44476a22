#include "programs/mandos-client/dhcp.h"

#include <array>
#include <cstdint>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "core/addressing.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/mandos-client/hook_process.h"
#include "programs/mandos-client/program_output.h"
#include "wire/dhcp_lease.h"

namespace mandos::client {

using namespace std::string_view_literals;

namespace {

// A way to ask: what is run, where it is there. "{}" is the interface, "{script}" what udhcpc runs with an
// answer.
struct Tool {
    const char* program;
    std::array<const char*, 12> arguments; // nullptr: no more
};

// "-n": it asks, and configures nothing.
constexpr std::array<const char*, 12> of_ipconfig{"-n", "-t", "60", "-c", "dhcp", "-d", "{}"};
// Says what it got in the form of ipconfig; for all else than an answer ($1 "bound") its script does nothing.
constexpr std::string_view udhcpc_script =
    "#!/bin/sh\n"
    "[ \"$1\" = bound ] || exit 0\n"
    "umask 077\n"
    "printf \"IPV4ADDR='%s'\\nIPV4NETMASK='%s'\\nIPV4GATEWAY='%s'\\n\" \"$ip\" "
    "\"${subnet:-255.255.255.255}\" "
    "\"${router%% *}\" >\"/run/net-$interface.conf\"\n";
constexpr std::array<const char*, 12> of_udhcpc{"udhcpc", "-f", "-q",       "-n", "-t",
                                                "20",     "-s", "{script}", "-i", "{}"};

constexpr std::array<Tool, 5> tools{{{"/bin/ipconfig", of_ipconfig},
                                     {"/usr/bin/ipconfig", of_ipconfig},
                                     {"/usr/lib/klibc/bin/ipconfig", of_ipconfig},
                                     {"/bin/busybox", of_udhcpc},
                                     {"/usr/bin/busybox", of_udhcpc}}};

std::optional<Tool> tool_that_is_there() {
    for (const Tool& tool : tools)
        if (access(tool.program, X_OK) == 0)
            return tool;
    return std::nullopt;
}

std::string file_about(const std::string& interface) {
    return fmt::format("/run/net-{}.conf", interface);
}

std::string script_for(const std::string& interface) {
    return fmt::format("/run/mandos-udhcpc-{}", interface);
}

std::vector<std::string> arguments_of(const Tool& tool, const std::string& interface) {
    std::vector<std::string> arguments;
    for (const char* argument : tool.arguments)
        if (argument != nullptr)
            arguments.push_back(argument == "{}"sv         ? interface
                                : argument == "{script}"sv ? script_for(interface)
                                                           : argument);
    return arguments;
}

bool is_busybox(const Tool& tool) {
    return std::string_view(tool.program).ends_with("busybox");
}

void rethrow(const std::exception_ptr& thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

} // namespace

// Of one interface. Whoever stops it ends the process and takes back what it wrote, also where the loop no
// longer runs.
struct Dhcp::Asking {
    void stop() {
        stopped = true;
        if (running != nullptr)
            running->cancel();
        pause.cancel();
        if (process)
            (void)unlink(file_about(interface).c_str());
        end_process();
    }

    // With all that is left of it.
    void end_process() {
        process.reset();
        (void)unlink(script_for(interface).c_str());
    }

    Result<void> start_process(const Tool& tool) {
        if (is_busybox(tool))
            MANDOS_TRY(write_file_atomically(script_for(interface), as_bytes(udhcpc_script), 0700));
        process.emplace(
            MANDOS_TRY_IN(fmt::format("{} cannot be run", tool.program),
                          HookProcess::start(tool.program, arguments_of(tool, interface),
                                             {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"})));
        return {};
    }

    void problem(const Error& error) const {
        if (handlers.problem)
            handlers.problem(fmt::format("{}: {}", name(), error.text()));
    }
    std::string name() const { return fmt::format("DHCP on interface {}", quoted(interface)); }

    Result<core::Lease> take_lease() const {
        const std::string path = file_about(interface);
        const Bytes content = MANDOS_TRY_IN("there was no answer", read_file(path, core::limits::dhcp_lease));
        (void)unlink(path.c_str());
        return MANDOS_TRY_IN("what was answered cannot be used", wire::parse_dhcp_lease(as_text(content)));
    }

    const std::uint32_t link;
    const std::string interface;
    const Handlers handlers;
    io::steady_timer pause;
    bool stopped = false;
    std::optional<HookProcess> process{};
    loop::Watch* running = nullptr; // its end
};

Dhcp::Dhcp(io::any_io_executor strand, Handlers handlers)
    : strand_(std::move(strand)), handlers_(std::move(handlers)) {}

Dhcp::~Dhcp() {
    for (auto& [link, asking] : asking_)
        asking->stop();
}

void Dhcp::ask(std::uint32_t link, const std::string& name) {
    stop(link);
    auto asking = std::shared_ptr<Asking>(new Asking{
        .link = link, .interface = name, .handlers = handlers_, .pause = io::steady_timer(strand_)});
    asking_.emplace(link, asking);
    io::co_spawn(strand_, ask_until_answered(std::move(asking)), rethrow);
}

void Dhcp::stop(std::uint32_t link) {
    if (const auto found = asking_.extract(link); !found.empty())
        found.mapped()->stop();
}

io::awaitable<void> Dhcp::ask_until_answered(std::shared_ptr<Asking> asking) {
    if (asking->stopped)
        co_return;
    const auto tool = tool_that_is_there();
    if (!tool) {
        asking->problem(
            Error(ErrorKind::NotFound, "there is neither ipconfig (of klibc-utils) nor busybox to ask with"));
        co_return;
    }
    if (access(file_about(asking->interface).c_str(), F_OK) == 0) {
        asking->problem(Error(ErrorKind::Denied, file_about(asking->interface)
                                                     + " is there: another configures it; nothing is asked"));
        co_return;
    }
    const auto strand = co_await io::this_coro::executor;
    for (bool first = true;; first = false) {
        if (const auto started = asking->start_process(*tool); !started) {
            asking->problem(started.error());
            co_return;
        }
        io::co_spawn(strand,
                     pass_on_output(loop::Watch(strand, asking->process->take_output()), asking->name()),
                     rethrow);
        loop::Watch ended(strand, asking->process->take_end());
        ended.set_deadline(loop::Watch::Deadline::clock::now() + core::limits::dhcp_time);
        asking->running = &ended;
        (void)co_await ended.readable();
        asking->running = nullptr;
        if (asking->stopped)
            co_return;
        asking->end_process();
        auto lease = asking->take_lease();
        if (lease) {
            asking->handlers.leased(asking->link, *lease);
            co_return;
        }
        if (first)
            asking->problem(std::move(lease.error()).context("asking again"));
        std::error_code woken;
        asking->pause.expires_after(core::limits::dhcp_pause);
        co_await asking->pause.async_wait(io::redirect_error(io::use_awaitable, woken));
        if (asking->stopped)
            co_return;
    }
}

} // namespace mandos::client
