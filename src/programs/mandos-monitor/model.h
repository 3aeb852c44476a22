// Model: all that the monitor knows and shows, without a terminal and without a bus. It is told what happened
// and when; it answers what is to be done. Views read it, tests drive it. Its parts are in roster.h and
// log.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/screen/grid.h"
#include "adapters/screen/key.h"
#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/command.h"
#include "programs/mandos-monitor/log.h"
#include "programs/mandos-monitor/roster.h"

namespace mandos::monitor {

enum class Pane { List, Log };
enum class Shown { No, Yes };

// What is to be done for a key. The requests are for the server, about the client.
struct Action {
    enum class Kind {
        Quit,
        Redraw,
        Suspend,
        Enable,
        Disable,
        Approve,
        Deny,
        Remove,
        StartChecker,
        StopChecker,
        CheckedOk,
    };
    Kind kind;
    std::string path; // of the client's object; empty for the first three
    std::string name;
    bool operator==(const Action&) const = default;
};

// A line that is being typed, at the bottom of the screen.
struct Prompt {
    Pane pane = Pane::List; // List: the filter; Log: the search
    std::string text;
};

// Which rows of the screen show what; an empty part has no rows.
struct Layout {
    struct Part {
        int top = 0;
        int rows = 0;
        int end() const { return top + rows; }
        bool has(int row) const { return row >= top && row < end(); }
    };
    Part title, list, details_line, details, log_line, log, footer;
};

class Model {
  public:
    // Greets in the log.
    explicit Model(TimePoint now);

    // What the server says.
    void put(Client client);
    void remove(const std::string& path);
    void clear() { roster_.clear(); }
    const Client* find(const std::string& path) const { return roster_.find(path); }
    // One line: where we are with the server, and whether its lockdown is on.
    void set_connection(std::string text) { connection_ = std::move(text); }
    enum class Lockdown { Off, On };
    void set_lockdown(Lockdown lockdown) { lockdown_ = lockdown; }

    // TEXT is one line; what was supplied in it is shown().
    enum class Detail { Always, Verbose };
    void log(TimePoint now, std::string_view text, Detail detail = Detail::Always);

    // What the person does.
    void resize(screen::Size size) { size_ = size; }
    std::optional<Action> input(const screen::Input& input, TimePoint now);

    // What is shown.
    screen::Size size() const { return size_; }
    Layout layout() const;
    Roster& roster() { return roster_; }
    const Log& lines() const { return log_; }
    const std::string& connection() const { return connection_; }
    Lockdown lockdown() const { return lockdown_; }
    Pane pane() const { return pane_; }
    Shown help() const { return help_; }
    std::size_t help_top() const { return help_top_; }
    const std::optional<Prompt>& prompt() const { return prompt_; }
    // What the last key could not do; empty: it could.
    const std::string& notice() const { return notice_; }
    Order order() const { return roster_.order(); }
    // Whether the screen changes by time alone.
    bool counts() const { return roster_.counts(); }

  private:
    std::optional<Action> key(const screen::Key& key, TimePoint now);
    void mouse(const screen::Mouse& mouse);
    void type(const screen::Key& key);
    void apply_prompt();
    std::optional<Action> obey(Command command, TimePoint now);
    std::optional<Action> request(Action::Kind kind);
    void move(std::ptrdiff_t rows);
    void escape();
    void find(Direction direction);

    Roster roster_;
    Log log_;
    std::string connection_;
    Lockdown lockdown_ = Lockdown::Off;
    screen::Size size_{.rows = 24, .columns = 80};
    Pane pane_ = Pane::List;
    Shown log_shown_ = Shown::Yes;
    Shown details_shown_ = Shown::No;
    Shown help_ = Shown::No;
    std::size_t help_top_ = 0;
    Detail detail_ = Detail::Always; // what is logged
    std::optional<Prompt> prompt_;
    std::string notice_;
};

} // namespace mandos::monitor
