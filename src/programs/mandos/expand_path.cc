#include "programs/mandos/expand_path.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace mandos::server {

namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<std::string> variable(std::string_view name) {
    const char* value =
        std::getenv(std::string(name).c_str()); // NOLINT(concurrency-mt-unsafe): before any thread
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// The home directory of the user NAME, of this process' user where it is empty.
std::optional<std::string> home_of(const std::string& name) {
    if (name.empty())
        if (auto home = variable("HOME"))
            return home;
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    const int code = name.empty() ? getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found)
                                  : getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    return code != 0 || found == nullptr ? std::nullopt : std::optional<std::string>(found->pw_dir);
}

std::string expand_variables(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t dollar = text.find('$');
        out += text.substr(0, dollar);
        if (dollar == std::string_view::npos)
            break;
        text.remove_prefix(dollar);
        const bool braced = text.starts_with("${");
        const std::string_view rest = text.substr(braced ? 2 : 1);
        const auto end = static_cast<std::size_t>(
            (braced ? std::ranges::find(rest, '}') : std::ranges::find_if_not(rest, is_name_character))
            - rest.begin());
        const bool closed = !braced || end < rest.size();
        const std::size_t length = closed ? (braced ? 3 : 1) + end : 1;
        const auto value = closed && end > 0 ? variable(rest.substr(0, end)) : std::nullopt;
        out += value ? *value : std::string(text.substr(0, length));
        text.remove_prefix(length);
    }
    return out;
}

} // namespace

std::string expand_path(std::string_view path) {
    std::string expanded = expand_variables(path);
    if (!expanded.starts_with('~'))
        return expanded;
    const std::size_t slash = std::min(expanded.find('/'), expanded.size());
    const auto home = home_of(expanded.substr(1, slash - 1));
    return home ? *home + expanded.substr(slash) : expanded;
}

} // namespace mandos::server
