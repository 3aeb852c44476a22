// Multicast DNS messages as bytes (RFC 1035 §4, RFC 6762 §18): queries of ours are written, responses of
// others are read by glibc's resolver library (<arpa/nameser.h>), into values that cannot be wrong. Whatever
// a message says about its own lengths and counts, and wherever its compressed names point, reading ends
// after one pass and outside of nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "core/dns.h"

namespace mandos::wire {

// A query with ID and QUESTIONS in class IN; at least one of them, and not more than fit into 512 bytes, of
// which the first always does: those that do not are left out. Compresses nothing.
Bytes write_dns_query(std::uint16_t id, std::span<const core::DnsQuestion> questions);

// The PTR, SRV, A and AAAA records of a response, in their order; all else in it is passed over. At most
// core::limits::dns_records records are looked at.
// Unsupported: not a successful response (a query, an error, another opcode; RFC 6762 §18.2 to 18.11).
// Invalid: not a message.
Result<std::vector<core::DnsRecord>> read_dns_response(ByteView message);

} // namespace mandos::wire
