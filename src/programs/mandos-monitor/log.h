// Log: the lines of the log pane, the newest last, and which of them are seen. While the newest are seen the
// pane follows them; scrolled back, it stays with what it shows until those lines are too old. Searching goes
// through all lines, upper or lower case.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

struct LogLine {
    TimePoint time;
    std::string text; // fit for the screen
    std::string whole() const;
};

enum class Wrap { Off, On };
enum class Direction { Older, Newer };

class Log {
  public:
    static constexpr std::size_t lines_kept = 1000;

    void add(TimePoint time, std::string text);

    const std::deque<LogLine>& lines() const { return lines_; }
    // The line at the bottom of the pane; 0 also when there is none.
    std::size_t bottom() const { return lines_.empty() ? 0 : lines_.size() - 1 - back_; }
    // How many lines are below the pane.
    std::size_t back() const { return back_; }
    // By lines; negative is towards older ones. Beyond the ends is at the ends.
    void scroll(std::ptrdiff_t lines);

    Wrap wrap() const { return wrap_; }
    void set_wrap(Wrap wrap) { wrap_ = wrap; }

    // What is searched for; empty: nothing.
    const std::string& wanted() const { return wanted_; }
    void set_wanted(std::string text);
    // Brings the next line with it to the bottom, the bottom line itself included after set_wanted() only.
    // Returns whether there is one.
    bool find(Direction direction);

  private:
    std::optional<std::size_t> match(Direction direction) const;

    std::deque<LogLine> lines_;
    std::size_t back_ = 0;
    Wrap wrap_ = Wrap::On;
    std::string wanted_;
    bool include_bottom_ = false;
};

// Where WANTED begins in TEXT at or after START, upper or lower case of ASCII alike; npos: nowhere, or WANTED
// is empty.
std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t start = 0);

} // namespace mandos::monitor
