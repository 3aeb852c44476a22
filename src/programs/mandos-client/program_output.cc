#include "programs/mandos-client/program_output.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/quote.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "loop/watch.h"
#include "programs/mandos-client/messages.h"

namespace mandos::client {

namespace {

// What a program says, line by line, up to a limit; then once that there was more.
class Lines {
  public:
    explicit Lines(std::string name) : name_(std::move(name)) {}

    void add(std::string_view piece) {
        for (const char character : piece) {
            if (character != '\n')
                line_.push_back(character);
            if (character == '\n' || line_.size() == core::limits::network_hook_line)
                end_line();
        }
    }

    void end_line() {
        const std::string line = std::exchange(line_, {});
        if (line.empty() || said_ > core::limits::network_hook_output)
            return;
        said_ += line.size();
        const bool too_much = said_ > core::limits::network_hook_output;
        say(fmt::format("{}: {}", name_,
                        too_much ? "it says too much; the rest is left out" : printable(line)));
    }

  private:
    std::string name_;
    std::string line_;
    std::size_t said_ = 0;
};

// Reads all that there is to read at this moment; false: and that was the end.
bool read_what_is_there(int pipe, Lines& lines) {
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t got = read(pipe, piece.data(), piece.size());
        if (got > 0)
            lines.add({piece.data(), static_cast<std::size_t>(got)});
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
            return false;
        else if (errno == EAGAIN)
            return true;
    }
}

} // namespace

io::awaitable<void> pass_on_output(loop::Watch pipe, std::string name) {
    Lines lines(std::move(name));
    while (read_what_is_there(pipe.descriptor(), lines))
        if (const auto ready = co_await pipe.readable(); !ready)
            break;
    lines.end_line();
}

} // namespace mandos::client
