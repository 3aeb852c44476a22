#include "programs/mandos/log_queries.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/text.h"
#include "adapters/bus/value.h"
#include "adapters/store/audit_reader.h"
#include "base/error.h"
#include "core/audit.h"
#include "core/limits.h"
#include "loop/asio.h"

namespace mandos::server {

namespace {

bus::Value entry_value(const store::AuditEntry& entry) {
    const core::AuditRecord& record = entry.record;
    return bus::Array{entry.number,
                      std::int64_t{record.time.time_since_epoch().count()},
                      name_of(record.event),
                      bus::sendable(record.client),
                      bus::sendable(record.peer),
                      bus::sendable(record.cause),
                      bus::sendable(record.actor),
                      std::uint64_t{record.left_out}};
}

} // namespace

LogQueries::LogQueries(io::any_io_executor strand, LogAccess access)
    : strand_(std::move(strand)), access_(std::make_shared<const LogAccess>(std::move(access))) {}

void LogQueries::entries(store::AuditQuery query, bus::IncomingCall call) {
    add({.ask = [access = access_, query = std::move(query)]() -> Result<Values> {
             bus::Array all;
             for (const store::AuditEntry& entry : MANDOS_TRY(access->entries(query)))
                 all.push_back(entry_value(entry));
             return Values{bus::Value(std::move(all))}; // not its elements
         },
         .signature = entries_signature,
         .call = std::move(call)});
}

void LogQueries::verify(bus::IncomingCall call) {
    add({.ask = [access = access_]() -> Result<Values> {
             const store::AuditVerdict verdict = MANDOS_TRY(access->verify());
             const std::string why =
                 verdict.bad ? fmt::format("record {}: {}", *verdict.bad, verdict.why) : std::string();
             return Values{!verdict.bad.has_value(), verdict.records, bus::sendable(why)};
         },
         .signature = verdict_signature,
         .call = std::move(call)});
}

void LogQueries::add(Query query) {
    if (queries_.size() >= core::limits::log_queries) {
        query.call.refuse(bus::error_names::limits_exceeded,
                          "too many questions about the audit log at once");
        return;
    }
    queries_.push_back(std::move(query));
    if (queries_.size() == 1)
        start_next();
}

void LogQueries::start_next() {
    const std::weak_ptr<LogQueries*> alive = self_;
    const auto tell = [strand = strand_, alive](Result<Values> answer) {
        io::post(strand, [alive, answer = std::move(answer)] {
            if (const auto self = alive.lock())
                (*self)->answered(answer);
        });
    };
    try {
        // The one before has posted its answer, and ends.
        thread_ = std::jthread([tell, ask = std::move(queries_.front().ask)]() mutable { tell(ask()); });
    } catch (const std::system_error& error) {
        tell(fail_errno(error.code().value(), "cannot start a thread"));
    }
}

void LogQueries::answered(const Result<Values>& answer) {
    Query query = std::move(queries_.front());
    queries_.pop_front();
    if (answer)
        query.call.reply(query.signature, *answer);
    else
        query.call.refuse(answer.error());
    if (!queries_.empty())
        start_next();
}

} // namespace mandos::server
