#include "programs/mandos-client/link_sysctls.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <net/if.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace mandos::client {

namespace {

std::string path_of(std::string_view interface, std::string_view setting) {
    return fmt::format("/proc/sys/net/ipv6/conf/{}/{}", interface, setting);
}

// Nothing: there is no such setting.
std::optional<std::string> read_setting(const std::string& path) {
    const auto content = read_file(path, 64);
    if (!content)
        return std::nullopt;
    return std::string(as_text(*content));
}

bool write_setting(const std::string& path, std::string_view value) {
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file && write_all(file.get(), as_bytes(value)).has_value();
}

} // namespace

void LinkSysctls::be_optimistic(std::uint32_t index, const std::string& interface) {
    for (const char* setting : {"optimistic_dad", "use_optimistic"}) {
        const std::string path = path_of(interface, setting);
        const auto before = read_setting(path);
        if (before && !before->starts_with('1') && write_setting(path, "1"))
            changed_.push_back({.index = index, .setting = setting, .before = *before});
    }
}

void LinkSysctls::put_back(std::uint32_t index) {
    std::array<char, IF_NAMESIZE> name{};
    const bool is_there = if_indextoname(index, name.data()) != nullptr;
    for (const Changed& changed : changed_)
        if (changed.index == index && is_there)
            (void)write_setting(path_of(name.data(), changed.setting), changed.before);
    std::erase_if(changed_, [index](const Changed& changed) { return changed.index == index; });
}

} // namespace mandos::client
