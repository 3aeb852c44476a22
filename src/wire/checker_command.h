// The checker command of a client, between its two expansions and the process: %(attr)s at each run, and
// which commands are known so well that nothing has to be run. Used by the server. What Python does is the
// rule (str(), %, shlex.quote()): 1.8 is written in it, and tests/program compares.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"

namespace mandos::wire {

// The text of an attribute ("host", "timeout", ...) of the client, or nothing: there is no such attribute.
using AttributeLookup = std::function<std::optional<std::string>(std::string_view name)>;

// COMMAND with each %(attr)s replaced by that attribute's text, quoted for a shell, and each %% by %.
// Invalid: a lone %, a reference that is none or names nothing, a NUL byte in the result; Exhausted: more
// than core::limits::checker_command bytes.
Result<std::string> expand_checker(std::string_view command, const AttributeLookup& attribute);

// TEXT as one word of a POSIX shell, in single quotes only if it needs them.
std::string shell_quoted(std::string_view text);

// The texts of attributes. A time span: "0:05:00", "1 day, 0:00:00", "-1 day, 23:59:59.500000"; a time of day
// (UTC): "2026-11-24 03:10:42.106667", without fraction where there is none; what is not set: "None".
std::string attribute_text(std::chrono::microseconds span);
std::string attribute_text(std::chrono::sys_time<std::chrono::microseconds> time);
std::string attribute_text(std::optional<std::chrono::sys_time<std::chrono::microseconds>> time);
// Of a truth value: "True", "False".
std::string attribute_text_of_truth(bool value);

// What a checker command does, as far as we can do it ourselves.
struct Ping {};       // the default: fping -q -- %(host)s
struct SshHostKey {   // what mandos-keygen prints
    std::string type; // as `ssh-keyscan -t` takes it: "ed25519"
    std::string line; // "ssh-ed25519 AAAA...": the key that the host must show
};
struct Shell {}; // anything else
using CheckerKind = std::variant<Shell, Ping, SshHostKey>;

// Which one COMMAND is, as configured (expanded at the start, %(host)s still in it).
CheckerKind recognise(std::string_view command);

} // namespace mandos::wire
