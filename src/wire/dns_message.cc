#include "wire/dns_message.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/nameser.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "core/dns.h"
#include "core/ip_address.h"
#include "core/limits.h"

namespace mandos::wire {

namespace {

using core::DnsName;
using core::DnsRecord;

constexpr std::size_t largest_query = NS_PACKETSZ; // 512
// The top bit of a class is not part of it (RFC 6762 §10.2).
constexpr unsigned cache_flush_bit = 0x8000;
// A time to live of more than 31 bits is none (RFC 2181 §8).
constexpr std::uint32_t longest_ttl = 0x7fffffff;

void put_16(Bytes& bytes, unsigned value) {
    bytes.push_back(static_cast<std::byte>(value >> 8U & 0xffU));
    bytes.push_back(static_cast<std::byte>(value & 0xffU));
}

unsigned get_16(const unsigned char* at) {
    return static_cast<unsigned>(at[0]) << 8U | at[1];
}

std::optional<DnsName> name_of(const std::array<unsigned char, DnsName::longest>& wire) {
    std::size_t size = 0;
    while (wire.at(size) != 0)
        size += 1U + wire.at(size);
    return DnsName::from_wire({reinterpret_cast<const char*>(wire.data()), size + 1});
}

std::optional<DnsName> owner_of(const ns_rr& record) {
    // The library has put it into its escaped text form; this undoes that.
    std::array<unsigned char, DnsName::longest> wire{};
    if (ns_name_pton(ns_rr_name(record), wire.data(), wire.size()) < 0)
        return std::nullopt;
    return name_of(wire);
}

// The name that the last part of RECORD's data is, from AT on to its very end.
std::optional<DnsName> target_of(const ns_msg& message, const ns_rr& record, const unsigned char* at) {
    std::array<unsigned char, DnsName::longest> wire{};
    const int taken = ns_name_unpack(ns_msg_base(message), ns_msg_end(message), at, wire.data(), wire.size());
    if (taken < 0 || at + taken != ns_rr_rdata(record) + ns_rr_rdlen(record))
        return std::nullopt;
    return name_of(wire);
}

using Data = decltype(DnsRecord::data);

std::optional<Data> pointer_of(const ns_msg& message, const ns_rr& record) {
    auto target = target_of(message, record, ns_rr_rdata(record));
    if (!target)
        return std::nullopt;
    return core::DnsPointer{.target = *std::move(target)};
}

std::optional<Data> location_of(const ns_msg& message, const ns_rr& record) {
    constexpr std::size_t numbers = 6; // priority, weight and port (RFC 2782)
    if (ns_rr_rdlen(record) <= numbers)
        return std::nullopt;
    const unsigned char* const data = ns_rr_rdata(record);
    auto host = target_of(message, record, data + numbers);
    if (!host)
        return std::nullopt;
    return core::DnsLocation{.priority = static_cast<std::uint16_t>(get_16(data)),
                             .weight = static_cast<std::uint16_t>(get_16(data + 2)),
                             .port = static_cast<std::uint16_t>(get_16(data + 4)),
                             .host = *std::move(host)};
}

template <std::size_t Size>
std::optional<std::array<std::byte, Size>> address_bytes(const ns_rr& record) {
    if (ns_rr_rdlen(record) != Size)
        return std::nullopt;
    std::array<std::byte, Size> bytes{};
    std::ranges::copy(std::as_bytes(std::span(ns_rr_rdata(record), Size)), bytes.begin());
    return bytes;
}

std::optional<Data> ipv4_of(const ns_rr& record) {
    const auto bytes = address_bytes<4>(record);
    if (!bytes)
        return std::nullopt;
    return core::IpAddress::from_v4(*bytes);
}

std::optional<Data> ipv6_of(const ns_rr& record) {
    const auto bytes = address_bytes<16>(record);
    if (!bytes)
        return std::nullopt;
    const core::IpAddress address{.bytes = *bytes};
    if (address.is_ipv4()) // mapped: never on a wire (RFC 4291 §2.5.5.2), and it would be taken for an A
        return std::nullopt;
    return address;
}

bool is_of_interest(const ns_rr& record) {
    const auto type = ns_rr_type(record);
    return (ns_rr_class(record) & ~cache_flush_bit) == ns_c_in
           && (type == ns_t_ptr || type == ns_t_srv || type == ns_t_a || type == ns_t_aaaa);
}

std::optional<Data> data_of(const ns_msg& message, const ns_rr& record) {
    const auto type = ns_rr_type(record);
    if (type == ns_t_ptr)
        return pointer_of(message, record);
    if (type == ns_t_srv)
        return location_of(message, record);
    return type == ns_t_a ? ipv4_of(record) : ipv6_of(record); // is_of_interest() has left AAAA
}

core::DnsSection section_of(ns_sect section) {
    if (section == ns_s_an)
        return core::DnsSection::Answer;
    return section == ns_s_ns ? core::DnsSection::Authority : core::DnsSection::Additional;
}

Result<DnsRecord> read_record(const ns_msg& message, const ns_rr& record, ns_sect section) {
    auto name = owner_of(record);
    auto data = data_of(message, record);
    if (!name || !data)
        return fail(ErrorKind::Invalid, "a DNS message with a record of type {} that is none",
                    static_cast<int>(ns_rr_type(record)));
    const std::uint32_t ttl = ns_rr_ttl(record);
    return DnsRecord{.name = *std::move(name),
                     .data = *std::move(data),
                     .ttl = std::chrono::seconds(ttl > longest_ttl ? 0 : ttl),
                     .cache_flush = (ns_rr_class(record) & cache_flush_bit) != 0,
                     .section = section_of(section)};
}

} // namespace

Bytes write_dns_query(std::uint16_t id, std::span<const core::DnsQuestion> questions) {
    check(!questions.empty(), "a query asks something");
    Bytes bytes;
    std::size_t size = NS_HFIXEDSZ;
    const auto room_for = [&size](const core::DnsQuestion& question) {
        size += question.name.wire().size() + NS_QFIXEDSZ;
        return size <= largest_query;
    };
    const auto end = std::ranges::find_if_not(questions, room_for);
    const auto asked = questions.first(static_cast<std::size_t>(end - questions.begin()));
    put_16(bytes, id);
    put_16(bytes, 0); // flags: a standard query
    put_16(bytes, static_cast<unsigned>(asked.size()));
    for (int section = 0; section < 3; ++section)
        put_16(bytes, 0);
    for (const core::DnsQuestion& question : asked) {
        const ByteView name = as_bytes(question.name.wire());
        bytes.insert(bytes.end(), name.begin(), name.end());
        put_16(bytes, static_cast<unsigned>(question.type));
        put_16(bytes, ns_c_in);
    }
    return bytes;
}

Result<std::vector<DnsRecord>> read_dns_response(ByteView message) {
    if (message.size() > core::limits::dns_message)
        return fail(ErrorKind::Invalid, "a DNS message of {} bytes; at most {} are taken", message.size(),
                    core::limits::dns_message);
    ns_msg parsed{};
    if (ns_initparse(reinterpret_cast<const unsigned char*>(message.data()), static_cast<int>(message.size()),
                     &parsed)
        != 0)
        return fail(ErrorKind::Invalid, "not a DNS message");
    if (ns_msg_getflag(parsed, ns_f_qr) == 0 || ns_msg_getflag(parsed, ns_f_opcode) != ns_o_query
        || ns_msg_getflag(parsed, ns_f_rcode) != ns_r_noerror)
        return fail(ErrorKind::Unsupported, "not a response that tells anything");
    std::vector<DnsRecord> records;
    std::size_t looked_at = 0;
    for (const ns_sect section : {ns_s_an, ns_s_ns, ns_s_ar}) {
        for (int i = 0; i < ns_msg_count(parsed, section) && looked_at < core::limits::dns_records; ++i) {
            ++looked_at;
            ns_rr record{};
            if (ns_parserr(&parsed, section, i, &record) != 0)
                return fail(ErrorKind::Invalid, "a DNS message with a record that cannot be read");
            if (is_of_interest(record))
                records.push_back(MANDOS_TRY(read_record(parsed, record, section)));
        }
    }
    return records;
}

} // namespace mandos::wire
