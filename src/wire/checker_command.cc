#include "wire/checker_command.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "base/quote.h"
#include "core/limits.h"

namespace mandos::wire {

namespace {

using std::chrono::microseconds;

constexpr std::string_view letters_and_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool consists_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [others](char character) {
        return letters_and_digits.contains(character) || others.contains(character);
    });
}

// The name in the reference at the beginning of REST, "%(name)s".
Result<std::string_view> reference_name(std::string_view rest) {
    constexpr std::size_t shown = 20;
    if (!rest.starts_with("%("))
        return fail(ErrorKind::Invalid,
                    "a lone % in {}; write %% for a percent sign, which is %%%% in clients.conf",
                    quoted(rest, shown));
    const std::size_t end = rest.find(')');
    if (end == std::string_view::npos || !rest.substr(end).starts_with(")s"))
        return fail(ErrorKind::Invalid,
                    "{} is no reference; expected %(attribute)s, which is %%(attribute)s in clients.conf",
                    quoted(rest, shown));
    return rest.substr(2, end - 2);
}

// "H:MM:SS" or "HH:MM:SS", and the fraction if there is one.
std::string time_text(std::string_view hours, microseconds time) {
    const std::chrono::hh_mm_ss parts(time);
    std::string text = fmt::format("{}:{:02}:{:02}", hours, parts.minutes().count(), parts.seconds().count());
    if (parts.subseconds() != microseconds::zero())
        text += fmt::format(".{:06}", parts.subseconds().count());
    return text;
}

} // namespace

std::string shell_quoted(std::string_view text) {
    if (!text.empty() && consists_of(text, "_@%+=:,./-"))
        return std::string(text);
    std::string word = "'";
    for (const char character : text) {
        if (character == '\'')
            word += "'\"'\"'"; // out of the quotes, a quoted quote, back in
        else
            word += character;
    }
    return word + "'";
}

Result<std::string> expand_checker(std::string_view command, const AttributeLookup& attribute) {
    std::string out;
    std::string_view rest = command;
    while (!rest.empty()) {
        const std::size_t percent = std::min(rest.find('%'), rest.size());
        out += rest.substr(0, percent);
        rest.remove_prefix(percent);
        if (rest.starts_with("%%")) {
            out += '%';
            rest.remove_prefix(2);
        } else if (!rest.empty()) {
            const std::string_view name = MANDOS_TRY(reference_name(rest));
            const auto value = attribute(name);
            if (!value)
                return fail(ErrorKind::Invalid, "{} in the checker names no attribute of a client",
                            quoted(fmt::format("%({})s", name)));
            out += shell_quoted(*value);
            rest.remove_prefix(name.size() + std::string_view("%()s").size());
        }
        if (out.size() > core::limits::checker_command)
            return fail(ErrorKind::Exhausted, "the checker grows beyond {} bytes when it is expanded",
                        core::limits::checker_command);
    }
    if (out.contains('\0'))
        return fail(ErrorKind::Invalid, "the checker contains a NUL byte, which no command can");
    return out;
}

std::string attribute_text(microseconds span) {
    const auto days = std::chrono::floor<std::chrono::days>(span);
    const microseconds rest = span - days;
    const std::string hours = fmt::format("{}", std::chrono::floor<std::chrono::hours>(rest).count());
    std::string time = time_text(hours, rest);
    const auto count = days.count();
    if (count == 0)
        return time;
    return fmt::format(fmt::runtime(count == 1 || count == -1 ? "{} day, {}" : "{} days, {}"), count, time);
}

std::string attribute_text(std::chrono::sys_time<microseconds> time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const microseconds rest = time - day;
    const std::string hours = fmt::format("{:02}", std::chrono::floor<std::chrono::hours>(rest).count());
    return fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time_text(hours, rest));
}

std::string attribute_text(std::optional<std::chrono::sys_time<microseconds>> time) {
    return time ? attribute_text(*time) : "None";
}

std::string attribute_text_of_truth(bool value) {
    return value ? "True" : "False";
}

namespace {

// Takes HEAD away from the beginning of REST; whether it was there.
bool take(std::string_view& rest, std::string_view head) {
    if (!rest.starts_with(head))
        return false;
    rest.remove_prefix(head.size());
    return true;
}

// Everything before MARK, which is taken away too.
std::optional<std::string_view> take_until(std::string_view& rest, std::string_view mark) {
    const std::size_t end = rest.find(mark);
    if (end == std::string_view::npos)
        return std::nullopt;
    const std::string_view head = rest.substr(0, end);
    rest.remove_prefix(end + mark.size());
    return head;
}

// The names that a key of this type has for ssh-keyscan and in known_hosts.
bool belongs_together(std::string_view scan_type, std::string_view line_type) {
    constexpr std::pair<std::string_view, std::string_view> types[] = {
        {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"}, {"ed25519", "ssh-ed25519"}, {"rsa", "ssh-rsa"}};
    return std::ranges::find(types, std::pair(scan_type, line_type)) != std::end(types);
}

// The command in wire/client_section.cc, after its first expansion.
std::optional<SshHostKey> ssh_host_key(std::string_view rest) {
    if (!take(rest, "ssh-keyscan -t "))
        return std::nullopt;
    const auto scan_type = take_until(rest, " ");
    if (!scan_type
        || !take(rest, "%(host)s 2>/dev/null | grep --fixed-strings --line-regexp --quiet "
                       "--regexp=%(host)s\" "))
        return std::nullopt;
    const auto line_type = take_until(rest, " ");
    const auto key = take_until(rest, "\"");
    if (!line_type || !key || key->empty() || !consists_of(*key, "+/=") || !rest.empty()
        || !belongs_together(*scan_type, *line_type))
        return std::nullopt;
    return SshHostKey{.type = std::string(*scan_type), .line = fmt::format("{} {}", *line_type, *key)};
}

} // namespace

CheckerKind recognise(std::string_view command) {
    if (command == "fping -q -- %(host)s")
        return Ping{};
    if (auto key = ssh_host_key(command))
        return *std::move(key);
    return Shell{};
}

} // namespace mandos::wire
