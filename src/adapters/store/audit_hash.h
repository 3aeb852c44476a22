// The chain that ties the audit records together: each record's hash is over itself and the hash of the one
// before (docs/state-format.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "core/audit.h"

namespace mandos::store {

using AuditHash = std::array<std::byte, 32>; // SHA-256

// BEFORE is the hash of the record before; 32 zero bytes for the first.
AuditHash audit_hash(ByteView before, std::uint64_t number, const core::AuditRecord& record);

} // namespace mandos::store
