#include "core/plugin_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace mandos::core {

namespace {

constexpr std::uint32_t executable_by_owner = 0100;
constexpr std::uint32_t executable_by_group = 0010;
constexpr std::uint32_t executable_by_others = 0001;
constexpr std::uint32_t executable_by_any = executable_by_owner | executable_by_group | executable_by_others;
constexpr std::uint32_t writable_by_group_or_others = 0022;

bool is_roots_alone(const FileOwnership& file) {
    return file.owner == 0 && (file.mode & writable_by_group_or_others) == 0;
}

} // namespace

bool is_plugin_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> endings{"~", ".dpkg-new", ".dpkg-old", ".dpkg-bak",
                                                      ".dpkg-divert"};
    if (name.empty() || name.starts_with('.') || (name.starts_with('#') && name.ends_with('#')))
        return false;
    return std::ranges::none_of(endings, [name](std::string_view ending) { return name.ends_with(ending); });
}

bool may_execute(const FileOwnership& file, std::uint32_t user, std::uint32_t group) {
    if (user == 0)
        return (file.mode & executable_by_any) != 0;
    if (file.owner == user)
        return (file.mode & executable_by_owner) != 0;
    if (file.group == group)
        return (file.mode & executable_by_group) != 0;
    return (file.mode & executable_by_others) != 0;
}

bool keeps_root(std::string_view name, const FileOwnership& file, const FileOwnership& directory) {
    constexpr std::array<std::string_view, 5> names{"mandos-client", "plymouth", "askpass-fifo", "splashy",
                                                    "usplash"};
    return std::ranges::find(names, name) != names.end() && is_roots_alone(file) && is_roots_alone(directory);
}

} // namespace mandos::core
