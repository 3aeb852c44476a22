#include "wire/ini.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "base/quote.h"
#include "wire/finding.h"
#include "wire/text.h"

namespace mandos::wire {

namespace {

constexpr std::string_view default_section = "DEFAULT";
constexpr std::string_view secret_option = "secret";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t usual = 8; // options in a section
constexpr std::size_t many = 16; // options, from which on looking at each takes longer than an index

// A wrong line may be a secret, or a part of one, that has lost its option or its indentation. So only a
// first word that is too short for that is shown.
enum class Place { Anywhere, BehindASecret };
std::string shown(std::string_view content, Place place = Place::Anywhere) {
    constexpr std::size_t longest_word = 20;
    const std::string_view word = content.substr(0, content.find_first_of(" \t=:"));
    if (word.empty() || word.size() > longest_word || place == Place::BehindASecret)
        return fmt::format("a line of {} bytes", content.size());
    return word.size() == content.size() ? quoted(word) : quoted(word) + "...";
}

// The next line of TEXT, which loses it and its end: LF, CR LF or CR (Python's universal newlines).
std::string_view take_line(std::string_view& text) {
    // find_first_of() asks memchr() about each character: a quarter of the time that a large file took.
    const auto* const end = std::ranges::find_if(text, [](char c) { return c == '\n' || c == '\r'; });
    const std::string_view line(text.begin(), end);
    text.remove_prefix(line.size());
    if (!text.empty())
        text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
    return line;
}

// White-space characters in front, as Python counts them for the depth of a line.
std::size_t indentation(std::string_view line) {
    std::size_t depth = 0;
    for (std::size_t length = leading_space(line); length > 0; length = leading_space(line)) {
        line.remove_prefix(length);
        ++depth;
    }
    return depth;
}

class Parser {
  public:
    explicit Parser(const std::string& file) : file_(file) {}

    Ini parse(std::string_view text) {
        // To Python it is the first character of the first line, which is nothing then.
        if (text.starts_with(byte_order_mark)) {
            text.remove_prefix(byte_order_mark.size());
            line_ = 1;
            add("the file begins with a byte order mark; expected UTF-8 text without one");
            line_ = 0;
        }
        while (!text.empty()) {
            ++line_;
            read(take_line(text));
        }
        finish_option();
        return std::move(ini_);
    }

  private:
    void read(std::string_view line) {
        if (!is_utf8(line)) {
            add("the line is no UTF-8 text");
            return;
        }
        if (line.contains('\0')) {
            add("the line has a NUL byte, at which the shell and others would take it to end");
            return;
        }
        const std::string_view content = strip(line);
        if (content.starts_with('#') || content.starts_with(';'))
            return;
        if (content.empty()) {
            // Kept inside a value; those at its end go when it is finished.
            if (has_option_)
                value().text += '\n';
            return;
        }
        const std::size_t depth = indentation(line);
        if (has_option_ && depth > depth_) {
            value().text += '\n';
            value().text += content;
            return;
        }
        depth_ = depth;
        if (!read_header(content))
            read_option(content);
    }

    // "[name]": the name goes to the last bracket, and what follows that is ignored.
    bool read_header(std::string_view content) {
        const std::size_t end = content.rfind(']');
        if (!content.starts_with('[') || end == std::string_view::npos || end < 2)
            return false;
        finish_option();
        const std::string_view name = content.substr(1, end - 1);
        in_section_ = true;
        if (name == default_section) {
            section_ = &ini_.defaults;
            return true;
        }
        section_ = &ini_.sections.emplace_back(IniSection{.name = std::string(name), .line = line_});
        section_->options.reserve(usual);
        const auto [first, is_first] = section_lines_.try_emplace(name, line_);
        if (!is_first)
            add(fmt::format("section {} is given twice, first in line {}; expected one section for each name",
                            quoted(name), first->second));
        return true;
    }

    void read_option(std::string_view content) {
        finish_option();
        const std::size_t delimiter = content.find_first_of("=:");
        const std::string_view name = strip_end(content.substr(0, delimiter));
        if (!in_section_) {
            if (!missed_section_) // those that follow may be a secret's
                add(fmt::format(
                    "{} stands before any section; expected a line like [DEFAULT] or [name] first",
                    shown(content)));
            missed_section_ = true;
            return;
        }
        if (delimiter == std::string_view::npos || name.empty()) {
            add_nothing(content);
            return;
        }
        std::string option = lower(name);
        // One that is there already is read all the same: its continuation lines must not be taken for
        // something else.
        if (const IniValue* first = section_->find(option))
            add(fmt::format("option {} is given twice, first in line {}", quoted(option), first->line),
                option);
        section_->add(std::move(option),
                      {.text = std::string(strip(content.substr(delimiter + 1))), .line = line_});
        has_option_ = true;
    }

    // CONTENT is nothing that a line can be.
    void add_nothing(std::string_view content) {
        constexpr std::string_view nothing =
            "is neither a section, nor an option with a value, nor a comment";
        const bool behind = !section_->options.empty() && section_->options.back().first == secret_option;
        add(fmt::format("{} {}; expected \"option = value\"{}",
                        shown(content, behind ? Place::BehindASecret : Place::Anywhere), nothing,
                        behind ? "; lines that continue a value begin with a blank" : ""));
    }

    IniValue& value() { return section_->options.back().second; }

    void finish_option() {
        if (has_option_)
            value().text.resize(strip_end(value().text).size());
        has_option_ = false;
    }

    void add(std::string text, std::string option = {}) {
        ini_.findings.push_back(Finding{.severity = Severity::Error,
                                        .file = file_,
                                        .line = line_,
                                        .section = in_section_ ? section_->name : std::string(),
                                        .option = std::move(option),
                                        .text = std::move(text)});
    }

    const std::string& file_;
    Ini ini_;
    std::unordered_map<std::string_view, std::size_t> section_lines_; // of names in the text
    IniSection* section_ = &ini_.defaults; // moves when sections grow: set anew at each header
    std::size_t line_ = 0;
    std::size_t depth_ = 0;
    bool in_section_ = false;
    bool missed_section_ = false; // that one is missing was said
    bool has_option_ = false; // a line that is indented more than depth_ continues the section's last option
};

} // namespace

const IniValue* IniSection::find(std::string_view option) const {
    if (!index.empty()) {
        const auto found = index.find(std::string(option));
        return found == index.end() ? nullptr : &options[found->second].second;
    }
    const auto found =
        std::ranges::find(options, option, [](const auto& entry) { return std::string_view(entry.first); });
    return found == options.end() ? nullptr : &found->second;
}

IniValue& IniSection::add(std::string option, IniValue value) {
    options.emplace_back(std::move(option), std::move(value));
    if (options.size() == many)
        for (std::size_t i = 0; i + 1 < options.size(); ++i)
            index.try_emplace(options[i].first, i);
    if (options.size() >= many)
        index.try_emplace(options.back().first, options.size() - 1);
    return options.back().second;
}

Ini parse_ini(std::string_view text, const std::string& file) {
    return Parser(file).parse(text);
}

} // namespace mandos::wire
