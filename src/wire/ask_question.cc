#include "wire/ask_question.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <sys/types.h>
#include <sys/un.h>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "wire/ini.h"

namespace mandos::wire {

Result<AskQuestion> parse_ask_question(std::string_view text) {
    const Ini ini = parse_ini(text, "question");
    const auto section = std::ranges::find(ini.sections, "Ask", &IniSection::name);
    if (section == ini.sections.end())
        return fail(ErrorKind::Invalid, "it has no section [Ask]");
    const auto value = [&](std::string_view name) {
        const IniValue* found = section->find(name);
        return found == nullptr ? std::string_view() : std::string_view(found->text);
    };
    AskQuestion question{.socket = std::string(value("socket"))};
    if (!question.socket.starts_with('/') || question.socket.size() >= sizeof(sockaddr_un::sun_path))
        return fail(ErrorKind::Invalid, "its Socket is {}, no path of a socket", quoted(question.socket));
    const auto process = parse_number<pid_t>(value("pid"));
    if (!process || *process <= 0)
        return fail(ErrorKind::Invalid, "its PID is {}, no process", quoted(value("pid")));
    question.process = *process;
    question.not_after = std::chrono::microseconds(
        std::max<std::int64_t>(parse_number<std::int64_t>(value("notafter")).value_or(0), 0));
    return question;
}

} // namespace mandos::wire
