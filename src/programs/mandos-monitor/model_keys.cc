// Implements model.h: what the keys and the mouse do.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include <fmt/core.h>

#include "adapters/screen/grid.h"
#include "adapters/screen/key.h"
#include "base/utf8.h"
#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/command.h"
#include "programs/mandos-monitor/log.h"
#include "programs/mandos-monitor/model.h"
#include "programs/mandos-monitor/roster.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

namespace {

constexpr std::size_t longest_prompt = 200; // bytes
constexpr std::ptrdiff_t wheel_rows = 3;

Shown other(Shown shown) {
    return shown == Shown::Yes ? Shown::No : Shown::Yes;
}

Order next(Order order) {
    switch (order) {
    case Order::Name:
        return Order::Expiry;
    case Order::Expiry:
        return Order::State;
    case Order::State:
        return Order::Name;
    }
    return Order::Name;
}

} // namespace

std::optional<Action> Model::input(const screen::Input& input, TimePoint now) {
    if (const auto* const pressed = std::get_if<screen::Key>(&input))
        return key(*pressed, now);
    mouse(std::get<screen::Mouse>(input));
    return std::nullopt;
}

std::optional<Action> Model::key(const screen::Key& key, TimePoint now) {
    notice_.clear();
    // These mean the same wherever the cursor is.
    if (key == screen::control('C'))
        return Action{.kind = Action::Kind::Quit};
    if (key == screen::control('L'))
        return Action{.kind = Action::Kind::Redraw};
    if (key == screen::control('Z'))
        return Action{.kind = Action::Kind::Suspend};
    if (prompt_) {
        type(key);
        return std::nullopt;
    }
    const auto command = command_of(key);
    return command ? obey(*command, now) : std::nullopt;
}

void Model::mouse(const screen::Mouse& mouse) {
    const Layout parts = layout();
    const bool on_log = parts.log.has(mouse.row);
    switch (mouse.act) {
    case screen::Mouse::Act::Press:
        if (on_log) {
            pane_ = Pane::Log;
        } else if (parts.list.has(mouse.row)) {
            pane_ = Pane::List;
            const std::size_t first = roster_.first_row(static_cast<std::size_t>(parts.list.rows));
            const std::size_t row = first + static_cast<std::size_t>(mouse.row - parts.list.top);
            if (row < roster_.rows().size())
                roster_.select_row(static_cast<std::ptrdiff_t>(row));
        }
        return;
    case screen::Mouse::Act::WheelUp:
    case screen::Mouse::Act::WheelDown: {
        const std::ptrdiff_t rows = mouse.act == screen::Mouse::Act::WheelUp ? -wheel_rows : wheel_rows;
        if (on_log)
            log_.scroll(rows);
        else
            roster_.select_row(static_cast<std::ptrdiff_t>(roster_.selected_row()) + rows);
        return;
    }
    }
}

void Model::type(const screen::Key& key) {
    std::string& text = prompt_->text;
    switch (key.name) {
    case screen::Name::Enter:
        apply_prompt();
        prompt_.reset();
        return;
    case screen::Name::Escape:
        text.clear();
        apply_prompt();
        prompt_.reset();
        return;
    case screen::Name::Backspace:
        screen::remove_last_character(text);
        break;
    case screen::Name::Character:
        if (key == screen::control('U'))
            text.clear();
        else if (key.character >= U' ' && key.meta == screen::Meta::Off && text.size() < longest_prompt)
            append_utf8(text, key.character);
        break;
    case screen::Name::Up:
    case screen::Name::Down:
    case screen::Name::PageUp:
    case screen::Name::PageDown:
    case screen::Name::Home:
    case screen::Name::End:
    case screen::Name::Tab:
    case screen::Name::F1:
        return;
    }
    if (prompt_->pane == Pane::List)
        roster_.set_filter(text); // while it is typed
}

void Model::apply_prompt() {
    if (prompt_->pane == Pane::List) {
        roster_.set_filter(prompt_->text);
        return;
    }
    log_.set_wanted(prompt_->text);
    if (!prompt_->text.empty())
        find(Direction::Older);
}

void Model::find(Direction direction) {
    if (!log_.find(direction))
        notice_ = log_.wanted().empty() ? std::string("nothing to search for; / asks")
                                        : fmt::format("no further line has {}", log_.wanted());
}

std::optional<Action> Model::request(Action::Kind kind) {
    const Client* const client = pane_ == Pane::List ? roster_.selected() : nullptr;
    if (client == nullptr) {
        notice_ = pane_ == Pane::List ? "no client is selected" : "the log is selected; Tab goes to the list";
        return std::nullopt;
    }
    return Action{.kind = kind, .path = client->path, .name = client->name};
}

void Model::escape() {
    if (help_ == Shown::Yes)
        help_ = Shown::No;
    else if (pane_ == Pane::List && !roster_.filter().empty())
        roster_.set_filter("");
    else if (pane_ == Pane::Log && !log_.wanted().empty())
        log_.set_wanted("");
    else
        help_ = Shown::Yes;
}

void Model::move(std::ptrdiff_t rows) {
    if (help_ == Shown::Yes) {
        const auto last = static_cast<std::ptrdiff_t>(bindings().size()) - 1;
        const auto wanted = static_cast<std::ptrdiff_t>(help_top_) + rows;
        help_top_ = static_cast<std::size_t>(std::clamp(wanted, std::ptrdiff_t{0}, last));
    } else if (pane_ == Pane::Log) {
        log_.scroll(rows);
    } else {
        roster_.select_row(static_cast<std::ptrdiff_t>(roster_.selected_row()) + rows);
    }
}

std::optional<Action> Model::obey(Command command, TimePoint now) {
    constexpr std::ptrdiff_t all = 1'000'000'000;
    const Layout parts = layout();
    const std::ptrdiff_t page = std::max(pane_ == Pane::Log ? parts.log.rows : parts.list.rows, 1);
    switch (command) {
    case Command::Quit:
        return Action{.kind = Action::Kind::Quit};
    case Command::Redraw:
        return Action{.kind = Action::Kind::Redraw};
    case Command::Suspend:
        return Action{.kind = Action::Kind::Suspend};
    case Command::Help:
        help_ = other(help_);
        help_top_ = 0;
        return std::nullopt;
    case Command::Escape:
        escape();
        return std::nullopt;
    case Command::Up:
        move(-1);
        return std::nullopt;
    case Command::Down:
        move(1);
        return std::nullopt;
    case Command::PageUp:
        move(-page);
        return std::nullopt;
    case Command::PageDown:
        move(page);
        return std::nullopt;
    case Command::First:
        move(-all);
        return std::nullopt;
    case Command::Last:
        move(all);
        return std::nullopt;
    case Command::FirstPending: // they are at the top
        pane_ = Pane::List;
        if (roster_.pending() > 0)
            roster_.select_row(0);
        else
            notice_ = "nobody waits for an approval";
        return std::nullopt;
    case Command::Enable:
        return request(Action::Kind::Enable);
    case Command::Disable:
        return request(Action::Kind::Disable);
    case Command::Approve:
        return request(Action::Kind::Approve);
    case Command::Deny:
        return request(Action::Kind::Deny);
    case Command::Remove:
        return request(Action::Kind::Remove);
    case Command::StartChecker:
        return request(Action::Kind::StartChecker);
    case Command::StopChecker:
        return request(Action::Kind::StopChecker);
    case Command::CheckedOk:
        return request(Action::Kind::CheckedOk);
    case Command::Details:
        details_shown_ = other(details_shown_);
        return std::nullopt;
    case Command::NextOrder:
        roster_.set_order(next(roster_.order()));
        notice_ = fmt::format("ordered by {}", order_word(roster_.order()));
        return std::nullopt;
    case Command::Search:
        prompt_ = Prompt{.pane = pane_, .text = pane_ == Pane::List ? roster_.filter() : std::string()};
        return std::nullopt;
    case Command::FindOlder:
        find(Direction::Older);
        return std::nullopt;
    case Command::FindNewer:
        find(Direction::Newer);
        return std::nullopt;
    case Command::NextPane:
        pane_ = pane_ == Pane::List && log_shown_ == Shown::Yes ? Pane::Log : Pane::List;
        return std::nullopt;
    case Command::ToggleLog:
        log_shown_ = other(log_shown_);
        pane_ = Pane::List;
        return std::nullopt;
    case Command::ToggleWrap:
        log_.set_wrap(log_.wrap() == Wrap::On ? Wrap::Off : Wrap::On);
        log(now, log_.wrap() == Wrap::On ? "Long lines are wrapped" : "Long lines are cut");
        return std::nullopt;
    case Command::ToggleVerbose:
        detail_ = detail_ == Detail::Always ? Detail::Verbose : Detail::Always;
        log(now, detail_ == Detail::Verbose ? "Verbose: on" : "Verbose: off");
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace mandos::monitor
