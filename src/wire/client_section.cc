#include "wire/client_section.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/base64.h"

namespace mandos::wire {

std::string write_client_section(const ClientSectionText& section) {
    constexpr std::size_t columns = 64;
    std::string text = fmt::format("[{0}]\nhost = {0}\n", section.name);
    if (section.key_id)
        text += fmt::format("key_id = {}\n", *section.key_id);
    text += fmt::format("fingerprint = {}\nsecret =\n", section.fingerprint);
    const std::string base64 = to_base64(section.secret);
    for (std::string_view rest = base64; !rest.empty(); rest.remove_prefix(std::min(columns, rest.size())))
        text += fmt::format("    {}\n", rest.substr(0, columns));
    if (section.ssh_key)
        // Doubled percent signs are for each run of the checker, single ones for the start of the server.
        text += fmt::format(
            "checker = ssh-keyscan -t {} %%(host)s 2>/dev/null | grep --fixed-strings --line-regexp "
            "--quiet --regexp=%%(host)s\" %(ssh_fingerprint)s\"\nssh_fingerprint = {}\n",
            section.ssh_key->scan_type, section.ssh_key->fingerprint);
    return text;
}

} // namespace mandos::wire
