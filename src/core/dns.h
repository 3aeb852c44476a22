// What Multicast DNS talks about (RFC 6762, RFC 6763), as values: names, questions and the four kinds of
// record by which a Mandos server is found. The bytes are wire/dns_message's.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ip_address.h"

namespace mandos::core {

// A domain name: labels of any bytes, dots and NULs among them. Compared without regard to the case of ASCII
// letters (RFC 6762 §16).
class DnsName {
  public:
    static constexpr std::size_t longest = 255; // bytes, each label with its length and the root (RFC 1035)

    // LABELS have 1 to 63 bytes each and fit into a name: a bug of ours otherwise.
    DnsName(std::initializer_list<std::string_view> labels);
    // Of a name that is not compressed: lengths, labels, and the root's zero. Nothing: it is none.
    static std::optional<DnsName> from_wire(std::string_view bytes);

    // The same bytes again, case as it came.
    const std::string& wire() const { return wire_; }
    std::vector<std::string_view> labels() const; // views into this name
    // What is left without the first label; the root has no parent.
    std::optional<DnsName> parent() const;
    // "Mandos #2._mandos._tcp.local"; a dot or backslash within a label is preceded by a backslash. Still to
    // be quoted() for a log.
    std::string text() const;

    std::weak_ordering operator<=>(const DnsName& other) const;
    bool operator==(const DnsName& other) const { return (*this <=> other) == 0; }

  private:
    explicit DnsName(std::string wire) : wire_(std::move(wire)) {}

    std::string wire_;
};

enum class DnsType : std::uint16_t { A = 1, Ptr = 12, Aaaa = 28, Srv = 33 };

struct DnsQuestion {
    DnsName name;
    DnsType type;
    bool operator==(const DnsQuestion&) const = default;
};

struct DnsPointer {
    DnsName target;
    bool operator==(const DnsPointer&) const = default;
};

// Where a service is (RFC 2782).
struct DnsLocation {
    std::uint16_t priority = 0; // the lower, the earlier
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    DnsName host;
    bool operator==(const DnsLocation&) const = default;
};

enum class DnsSection { Answer, Authority, Additional };

struct DnsRecord {
    DnsName name;
    std::variant<DnsPointer, DnsLocation, IpAddress> data; // PTR; SRV; A and AAAA
    std::chrono::seconds ttl{};                            // 0: goodbye (RFC 6762 §10.1)
    bool cache_flush = false;                              // all of its kind are here (RFC 6762 §10.2)
    DnsSection section = DnsSection::Answer;
    bool operator==(const DnsRecord&) const = default;
};

// "_mandos._tcp.local": what servers are found by.
const DnsName& mandos_service_type();

} // namespace mandos::core
