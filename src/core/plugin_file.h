// Which files of a plugin directory are plugins, and as whom they are started. The rules for names and modes
// are those of Mandos 1.8 (plugin-runner(8mandos)). Used by plugin-runner.
#pragma once

#include <cstdint>
#include <string_view>

namespace mandos::core {

// What fstat(2) tells of a file or directory.
struct FileOwnership {
    std::uint32_t mode = 0; // st_mode, of which the permission bits are looked at
    std::uint32_t owner = 0;
    std::uint32_t group = 0;
};

// Neither hidden nor what editors and dpkg(1) leave behind: ".*", "#*#", "*~", "*.dpkg-new", "*.dpkg-old",
// "*.dpkg-bak", "*.dpkg-divert".
bool is_plugin_name(std::string_view name);

// May USER, who is in GROUP alone, execute FILE? (path_resolution(7), "Permissions")
bool may_execute(const FileOwnership& file, std::uint32_t user, std::uint32_t group);

// Is this a plugin that keeps root beside its user: one of the names below, file and directory root's own,
// and nobody else able to write them?
//
//   mandos-client              | brings up the network (programs/mandos-client/two_processes.h)
//   plymouth, splashy, usplash | their daemons listen to root alone, or are started again
//   askpass-fifo               | cryptsetup's FIFO is root's alone
bool keeps_root(std::string_view name, const FileOwnership& file, const FileOwnership& directory);

} // namespace mandos::core
