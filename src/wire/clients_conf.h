// clients.conf: one section for each client, `[DEFAULT]` for all of them, %(name)s expanded.
// Files that it names (secfile, openpgp_keyfile) are not read here: reading is the program's business.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/client.h"
#include "wire/finding.h"
#include "wire/ini.h"

namespace mandos::wire {

// Where a value is to be read from, as written: $VARIABLE and ~user are not expanded yet. LINE is for
// findings.
struct NamedFile {
    std::string path;
    std::size_t line = 0;
};

// An armoured OpenPGP public key, given in the file itself.
struct InlineText {
    std::string text;
    std::size_t line = 0;
};

struct ClientSection {
    std::size_t line = 0;          // of the section's header
    core::ClientSettings settings; // secret empty where secfile names it
    std::variant<std::monostate, NamedFile> secret_file;
    std::variant<std::monostate, InlineText, NamedFile> openpgp_key;
};

struct ClientsConfParsed {
    std::vector<ClientSection> sections; // in the order of the file; those with errors are left out
    IniSection defaults;                 // its [DEFAULT]
    Findings findings;
};

// TEXT is the whole file, FILE its name for the findings. INHERITED are the defaults of another file, which
// those of this one go before.
ClientsConfParsed parse_clients_conf(std::string_view text, const std::string& file,
                                     const IniSection& inherited = {});

} // namespace mandos::wire
