#include "tests/support/scripted_peer_options.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/hex.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "tests/support/scripted_peer.h"

namespace mandos::support {

namespace {

using Options = PeerOptions;

Result<Address> parse_address(const std::string& text, std::uint16_t port) {
    Address address;
    auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
    auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
    if (inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        address.size = sizeof *four;
    } else if (inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        address.size = sizeof *six;
    } else {
        return fail(ErrorKind::Invalid, "{} is no numeric address", quoted(text));
    }
    return address;
}

template <class Number>
Result<Number> parse(const std::string& text) {
    const auto number = parse_number<Number>(text);
    if (!number)
        return fail(ErrorKind::Invalid, "{} is no number", quoted(text));
    return *number;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

template <class Choice>
Result<Choice> choose(const std::string& word, const std::map<std::string, Choice>& choices) {
    const auto found = choices.find(word);
    if (found == choices.end())
        return fail(ErrorKind::Invalid, "{} is not one of its words", quoted(word));
    return found->second;
}

Result<void> set_line(Options& options, const std::string& value) {
    options.script.line.clear();
    for (const std::string& piece : split(value))
        options.script.line.push_back(MANDOS_TRY(from_hex(piece)));
    return {};
}

// Each option and what its value is put into.
using Setter = std::function<Result<void>(Options&, const std::string&)>;

template <class Member, class Parser>
Setter into(Member member, Parser parser) {
    return [member, parser](Options& options, const std::string& value) -> Result<void> {
        std::invoke(member, options) = MANDOS_TRY(parser(value));
        return {};
    };
}

Result<std::string> text(const std::string& value) {
    return value;
}

Result<std::chrono::duration<double>> parse_seconds(const std::string& value) {
    return std::chrono::duration<double>(MANDOS_TRY(parse<double>(value)));
}

const std::map<std::string, Setter>& setters() {
    static const std::map<std::string, StopAfter> steps{{"connect", StopAfter::Connect},
                                                        {"line", StopAfter::Line},
                                                        {"handshake", StopAfter::Handshake},
                                                        {"secret", StopAfter::Secret}};
    static const std::map<std::string, Chatter> chatters{{"data", Chatter::Data},
                                                         {"key-updates", Chatter::KeyUpdates}};
    static const std::map<std::string, AtStop> stops{
        {"hold", AtStop::Hold}, {"reset", AtStop::Reset}, {"close", AtStop::Close}};
    static const std::map<std::string, Setter> table{
        {"--keys", into(&Options::keys, text)},
        {"--private-key", into(&Options::private_key, text)},
        {"--x509", into(&Options::x509, [](const std::string& /*none*/) { return Result<bool>(true); })},
        {"--priority", into(&Options::priority, text)},
        {"--line", set_line},
        {"--answer", into([](Options& o) -> auto& { return o.script.answer; }, from_hex)},
        {"--answers", into([](Options& o) -> auto& { return o.script.answers; }, parse<std::size_t>)},
        {"--stop-after", into([](Options& o) -> auto& { return o.script.stop_after; },
                              [](const std::string& word) { return choose(word, steps); })},
        {"--chatter", into([](Options& o) -> auto& { return o.script.chatter; },
                           [](const std::string& word) { return choose(word, chatters); })},
        {"--stop-sent", into([](Options& o) -> auto& { return o.script.stop_sent; }, parse<std::size_t>)},
        {"--stop-received",
         into([](Options& o) -> auto& { return o.script.stop_received; }, parse<std::size_t>)},
        {"--stop-step", into(&Options::stop_step, parse<std::size_t>)},
        {"--at-stop", into([](Options& o) -> auto& { return o.script.at_stop; },
                           [](const std::string& word) { return choose(word, stops); })},
        {"--pace", into([](Options& o) -> auto& { return o.script.pace; }, parse_seconds)},
        {"--count", into(&Options::count, parse<std::size_t>)},
        {"--parallel", into(&Options::parallel, parse<std::size_t>)},
        {"--from",
         into(&Options::source, [](const std::string& address) { return parse_address(address, 0); })},
        {"--sources", into(&Options::sources, parse<std::uint32_t>)},
        {"--receive-buffer", into(&Options::receive_buffer, parse<int>)},
        {"--deadline", into([](Options& o) -> auto& { return o.deadline; }, parse_seconds)},
        {"--expect",
         into(&Options::expected,
              [](const std::string& words) { return Result<std::vector<std::string>>(split(words)); })},
    };
    return table;
}

} // namespace

Result<PeerOptions> parse_peer_options(std::span<const std::string> arguments) {
    Options options;
    if (arguments.size() < 2)
        return fail(ErrorKind::Invalid, "expected ADDRESS PORT [OPTION...]");
    const auto port = MANDOS_TRY_IN("port", parse<std::uint16_t>(arguments[1]));
    options.server = MANDOS_TRY(parse_address(arguments[0], port));
    for (const std::string& argument : arguments.subspan(2)) {
        const std::size_t equals = std::min(argument.find('='), argument.size());
        const auto setter = setters().find(argument.substr(0, equals));
        if (setter == setters().end())
            return fail(ErrorKind::Invalid, "{} is no option", quoted(argument));
        MANDOS_TRY_IN(argument,
                      setter->second(options, argument.substr(std::min(equals + 1, argument.size()))));
    }
    return options;
}

} // namespace mandos::support
