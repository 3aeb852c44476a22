#include "core/plugin_voices.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/quote.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

namespace {

std::string prefix_of(std::string_view name) {
    return fmt::format("Mandos plugin {}: ", printable(name));
}

} // namespace

std::string PluginVoices::said(const std::string& name, std::string_view piece, Time now) {
    Voice& voice = voices_.try_emplace(name, Voice{.filled = now}).first->second;
    voice.last = now;
    std::string text;
    while (!piece.empty()) {
        const std::size_t end = std::min(piece.find('\n'), piece.size());
        const std::size_t taken = std::min(end, limits::plugin_line - voice.line.size());
        voice.line += piece.substr(0, taken);
        const bool line_ends = taken == end && end < piece.size();
        piece.remove_prefix(taken + (line_ends ? 1 : 0));
        if (line_ends || voice.line.size() == limits::plugin_line)
            text += end_line(name, voice, now);
    }
    return text;
}

std::string PluginVoices::ended(const std::string& name, Time now) {
    const auto found = voices_.find(name);
    if (found == voices_.end())
        return {};
    const bool has_prompt = prompt_ && prompt_->name == name;
    if (found->second.line.empty() && !has_prompt)
        return {};
    return end_line(name, found->second, now);
}

std::string PluginVoices::own(std::string_view line) {
    return put(fmt::format("plugin-runner: {}", line));
}

std::string PluginVoices::due(Time now) {
    std::string text;
    for (auto& [name, voice] : voices_) {
        if (voice.line.empty() || now < voice.last + limits::plugin_prompt_pause)
            continue;
        const std::string line = std::exchange(voice.line, {});
        if (!may_say(voice, line.size(), now))
            continue;
        if (prompt_ && prompt_->name == name) {
            prompt_->text += printable(line);
            text += printable(line);
            continue;
        }
        if (prompt_)
            text += '\n';
        prompt_ = Prompt{.name = name, .text = printable(line)};
        text += prompt_->text;
    }
    return text;
}

std::optional<Time> PluginVoices::deadline() const {
    std::optional<Time> first;
    for (const auto& [name, voice] : voices_)
        if (!voice.line.empty())
            first = std::min(first.value_or(Time::max()), voice.last + limits::plugin_prompt_pause);
    return first;
}

std::string PluginVoices::end_line(const std::string& name, Voice& voice, Time now) {
    const std::string line = std::exchange(voice.line, {});
    if (prompt_ && prompt_->name == name) { // this is the end of the line that the prompt began
        prompt_.reset();
        return printable(line) + "\n";
    }
    if (line.empty())
        return {};
    const std::string prefix = prefix_of(name);
    if (!may_say(voice, line.size(), now)) {
        if (std::exchange(voice.cut, true))
            return {};
        return put(prefix + "it says too much; the rest is left out for now");
    }
    voice.cut = false;
    return put(line.starts_with(prefix) ? printable(line) : prefix + printable(line));
}

std::string PluginVoices::put(std::string_view line) {
    if (!prompt_)
        return fmt::format("{}\n", line);
    return fmt::format("\n{}\n{}", line, prompt_->text);
}

bool PluginVoices::may_say(Voice& voice, std::size_t bytes, Time now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - voice.filled);
    voice.filled += seconds;
    const auto earned = static_cast<std::size_t>(seconds.count()) * limits::plugin_messages_a_second;
    voice.budget = std::min(limits::plugin_messages, voice.budget + earned);
    // Once cut, there is silence until a few lines' worth has come together.
    if (voice.budget < bytes || (voice.cut && voice.budget < 4 * limits::plugin_line)) {
        if (!voice.cut)
            voice.budget = 0;
        return false;
    }
    voice.budget -= bytes;
    return true;
}

} // namespace mandos::core
