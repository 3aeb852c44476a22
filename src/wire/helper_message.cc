#include "wire/helper_message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "core/ip_address.h"

namespace mandos::wire {

namespace {

enum class Kind : std::uint8_t {
    LinkCame = 1,
    LinkLeft = 2,
    RouteAnswer = 3,
    AddRoute = 4,
    RemoveRoute = 5,
};

constexpr std::size_t answer_at = 1;
constexpr std::size_t link_at = 4;
constexpr std::size_t address_at = 8;
constexpr std::size_t name_at = 24;
constexpr std::size_t name_size = 15; // characters; behind them is at least one zero

// All fields of a message; those that its kind has not are as they are here.
struct Fields {
    Kind kind = Kind::LinkLeft;
    std::uint8_t answer = 0;
    std::uint32_t link = 0;
    core::IpAddress address;
    std::string name;
};

HelperMessage write(const Fields& fields) {
    check(fields.name.size() <= name_size, "an interface's name is not longer than the kernel's");
    HelperMessage message{};
    message[0] = static_cast<std::byte>(fields.kind);
    message[answer_at] = std::byte{fields.answer};
    std::memcpy(message.data() + link_at, &fields.link, sizeof fields.link);
    std::memcpy(message.data() + address_at, fields.address.bytes.data(), fields.address.bytes.size());
    std::memcpy(message.data() + name_at, fields.name.data(), fields.name.size());
    return message;
}

Result<Fields> read(ByteView message) {
    if (message.size() != helper_message)
        return fail(ErrorKind::Invalid, "a message of {} bytes, not {}", message.size(), helper_message);
    Fields fields;
    const auto kind = std::to_integer<std::uint8_t>(message[0]);
    if (kind < static_cast<std::uint8_t>(Kind::LinkCame)
        || kind > static_cast<std::uint8_t>(Kind::RemoveRoute))
        return fail(ErrorKind::Invalid, "a message of the kind {}, which there is not", kind);
    fields.kind = static_cast<Kind>(kind);
    fields.answer = std::to_integer<std::uint8_t>(message[answer_at]);
    std::memcpy(&fields.link, message.data() + link_at, sizeof fields.link);
    std::memcpy(fields.address.bytes.data(), message.data() + address_at, fields.address.bytes.size());
    const std::string_view name = as_text(message.subspan(name_at));
    fields.name = name.substr(0, std::min(name.find('\0'), name_size));
    if (fields.link == 0)
        return fail(ErrorKind::Invalid, "a message about no interface");
    return fields;
}

// The one message that has exactly FIELDS: there is nothing else in MESSAGE.
template <class Message>
Result<Message> only(const Fields& fields, ByteView message, Message read) {
    if (!std::ranges::equal(write(fields), message))
        return fail(ErrorKind::Invalid, "a message with more in it than its kind {} has",
                    static_cast<std::uint8_t>(fields.kind));
    return read;
}

template <class Route>
Result<NetworkRequest> read_route(const Fields& fields, ByteView message) {
    return only<NetworkRequest>(
        {.kind = fields.kind, .link = fields.link, .address = fields.address, .name = {}}, message,
        Route{.link = fields.link, .address = fields.address});
}

Result<NetworkNews> read_came(const Fields& fields, ByteView message) {
    if (fields.name.empty())
        return fail(ErrorKind::Invalid, "a message about an interface without its name");
    return only<NetworkNews>({.kind = fields.kind, .link = fields.link, .address = {}, .name = fields.name},
                             message, LinkCame{.link = fields.link, .name = fields.name});
}

Result<NetworkNews> read_answer(const Fields& fields, ByteView message) {
    const auto state = static_cast<RouteState>(fields.answer);
    if (state != RouteState::Added && state != RouteState::NotAdded)
        return fail(ErrorKind::Invalid, "an answer {}, which there is not", fields.answer);
    return only<NetworkNews>({.kind = fields.kind,
                              .answer = fields.answer,
                              .link = fields.link,
                              .address = fields.address,
                              .name = {}},
                             message,
                             RouteAnswer{.link = fields.link, .address = fields.address, .state = state});
}

Fields fields_of(const LinkCame& came) {
    return {.kind = Kind::LinkCame, .link = came.link, .address = {}, .name = came.name};
}
Fields fields_of(const LinkLeft& left) {
    return {.kind = Kind::LinkLeft, .link = left.link, .address = {}, .name = {}};
}
Fields fields_of(const RouteAnswer& answer) {
    return {.kind = Kind::RouteAnswer,
            .answer = static_cast<std::uint8_t>(answer.state),
            .link = answer.link,
            .address = answer.address,
            .name = {}};
}
Fields fields_of(const AddRoute& add) {
    return {.kind = Kind::AddRoute, .link = add.link, .address = add.address, .name = {}};
}
Fields fields_of(const RemoveRoute& remove) {
    return {.kind = Kind::RemoveRoute, .link = remove.link, .address = remove.address, .name = {}};
}

std::unexpected<Error> wrong_side(Kind kind) {
    return fail(ErrorKind::Invalid, "a message of the kind {}, which the other side says",
                static_cast<std::uint8_t>(kind));
}

} // namespace

HelperMessage write_news(const NetworkNews& news) {
    return write(std::visit([](const auto& each) { return fields_of(each); }, news));
}

HelperMessage write_request(const NetworkRequest& request) {
    return write(std::visit([](const auto& each) { return fields_of(each); }, request));
}

Result<NetworkNews> read_news(ByteView message) {
    const Fields fields = MANDOS_TRY(read(message));
    switch (fields.kind) {
    case Kind::LinkCame:
        return read_came(fields, message);
    case Kind::LinkLeft:
        return only<NetworkNews>({.kind = fields.kind, .link = fields.link, .address = {}, .name = {}},
                                 message, LinkLeft{.link = fields.link});
    case Kind::RouteAnswer:
        return read_answer(fields, message);
    case Kind::AddRoute:
    case Kind::RemoveRoute:
        break;
    }
    return wrong_side(fields.kind);
}

Result<NetworkRequest> read_request(ByteView message) {
    const Fields fields = MANDOS_TRY(read(message));
    switch (fields.kind) {
    case Kind::AddRoute:
        return read_route<AddRoute>(fields, message);
    case Kind::RemoveRoute:
        return read_route<RemoveRoute>(fields, message);
    case Kind::LinkCame:
    case Kind::LinkLeft:
    case Kind::RouteAnswer:
        break;
    }
    return wrong_side(fields.kind);
}

} // namespace mandos::wire
