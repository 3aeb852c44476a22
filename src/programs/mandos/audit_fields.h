// What the log has of an audit record: a line for people, and fields for programs (docs/log.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/log/log.h"
#include "core/actions.h"
#include "core/audit.h"

namespace mandos::server {

// One line; what others supplied is quoted.
std::string audit_line(const core::AuditRecord& record);

// NUMBER is the record's in the audit log; nothing: it is not there. Fields without a value are left out.
log::Log::Fields audit_fields(const core::AuditRecord& record, std::optional<std::uint64_t> number);

// Of a client that waits, which is no record.
log::Log::Fields approval_fields(const core::AwaitApproval& wait, std::size_t left_out);

} // namespace mandos::server
