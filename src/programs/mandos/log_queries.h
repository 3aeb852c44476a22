// LogQueries: answers questions about the audit log on a thread of its own, one after the other, so that the
// strand that decides goes on meanwhile. No more than limits::log_queries wait; one more is refused.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/value.h"
#include "adapters/store/audit_reader.h"
#include "base/error.h"
#include "loop/asio.h"

namespace mandos::server {

// The audit log as it is read, from another thread than all else.
struct LogAccess {
    std::function<Result<std::vector<store::AuditEntry>>(const store::AuditQuery& query)> entries;
    std::function<Result<store::AuditVerdict>()> verify;
};

// The log in the state directory DIRECTORY.
LogAccess log_in(const std::string& directory);

class LogQueries {
  public:
    LogQueries(io::any_io_executor strand, LogAccess access);
    LogQueries(const LogQueries&) = delete;
    LogQueries& operator=(const LogQueries&) = delete;
    ~LogQueries() = default; // waits for the query that is under way

    // Replies with entries_signature.
    void entries(store::AuditQuery query, bus::IncomingCall call);
    // Replies with verdict_signature.
    void verify(bus::IncomingCall call);

    // number, microseconds since 1970 (UTC), event, client, peer, cause, actor, like records left out
    static constexpr const char* entries_signature = "a(txssssst)";
    // all is well, records that are as they were written, what is wrong with the next
    static constexpr const char* verdict_signature = "bts";

  private:
    using Values = std::vector<bus::Value>;
    struct Query {
        std::move_only_function<Result<Values>()> ask; // on the thread
        const char* signature;
        bus::IncomingCall call; // on the strand
    };

    void add(Query query);
    void start_next();
    void answered(const Result<Values>& answer);

    const io::any_io_executor strand_;
    const std::shared_ptr<const LogAccess> access_;
    std::deque<Query> queries_;                                               // the first one is under way
    std::shared_ptr<LogQueries*> self_ = std::make_shared<LogQueries*>(this); // gone when this is
    std::jthread thread_;
};

} // namespace mandos::server
