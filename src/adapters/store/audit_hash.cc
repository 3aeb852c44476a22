#include "adapters/store/audit_hash.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/bytes.h"
#include "base/check.h"
#include "core/audit.h"

namespace mandos::store {

namespace {

// Every part says how long it is, so that no two records have the same bytes.
void append(Bytes& bytes, std::uint64_t number) {
    constexpr int bits_of_a_byte = 8;
    for (int shift = 64 - bits_of_a_byte; shift >= 0; shift -= bits_of_a_byte)
        bytes.push_back(static_cast<std::byte>(number >> static_cast<unsigned>(shift)));
}

void append(Bytes& bytes, std::string_view text) {
    append(bytes, std::uint64_t{text.size()});
    const ByteView view = as_bytes(text);
    bytes.insert(bytes.end(), view.begin(), view.end());
}

} // namespace

AuditHash audit_hash(ByteView before, std::uint64_t number, const core::AuditRecord& record) {
    Bytes bytes(before.begin(), before.end());
    append(bytes, number);
    append(bytes, static_cast<std::uint64_t>(record.time.time_since_epoch().count()));
    append(bytes, core::name_of(record.event));
    append(bytes, record.client);
    append(bytes, record.peer);
    append(bytes, record.cause);
    append(bytes, record.actor);
    append(bytes, std::uint64_t{record.left_out});
    AuditHash hash{};
    check(gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes.data(), bytes.size(), hash.data()) == 0,
          "SHA-256 of bytes in memory cannot fail");
    return hash;
}

} // namespace mandos::store
