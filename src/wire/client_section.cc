#include "wire/client_section.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/quote.h"
#include "wire/text.h"

namespace mandos::wire {

namespace {

// TEXT as a value of clients.conf, in which percent signs begin references.
std::string as_value(std::string_view text) {
    std::string value;
    for (const char character : text)
        value.append(character == '%' ? 2 : 1, character);
    return value;
}

bool is_control(char character) {
    constexpr unsigned char first_printable = 0x20;
    constexpr unsigned char deleted = 0x7F;
    const auto code = static_cast<unsigned char>(character);
    return code < first_printable || code == deleted;
}

} // namespace

Result<void> check_client_name(std::string_view name) {
    if (name.empty())
        return fail(ErrorKind::Invalid, "the name is empty; expected the client's host name");
    if (name == "DEFAULT")
        return fail(ErrorKind::Invalid, "{} is the section of clients.conf for all clients, and no client",
                    quoted(name));
    if (!is_utf8(name) || std::ranges::any_of(name, is_control))
        return fail(ErrorKind::Invalid,
                    "{} has line breaks, control characters or bytes that are no UTF-8; "
                    "expected the client's host name",
                    quoted(name));
    if (strip(name) != name)
        return fail(ErrorKind::Invalid, "{} begins or ends with white space, which clients.conf cannot keep",
                    quoted(name));
    return {};
}

std::string write_client_section(const ClientSectionText& section) {
    constexpr std::size_t columns = 64;
    std::string text = fmt::format("[{}]\nhost = {}\n", section.name, as_value(section.name));
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
