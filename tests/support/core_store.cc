#include "tests/support/core_store.h"

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "core/audit.h"
#include "core/clients.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is stored

Result<void> MemoryStore::commit(const Transaction& transaction) {
    if (broken_)
        return fail(ErrorKind::Exhausted, "the disk is full");
    for (const std::string& name : transaction.erased)
        clients_.erase(name);
    removed_.insert(transaction.removed.begin(), transaction.removed.end());
    for (const std::string& name : transaction.forgotten)
        removed_.erase(name);
    for (const Client* client : transaction.settings) {
        StoredClient& stored = clients_[client->settings.name];
        stored.settings = client->settings;
        stored.configured = client->configured;
        stored.origin = client->origin;
        written_.push_back({.name = client->settings.name, .what = Save::What::Everything});
    }
    for (const Client* client : transaction.lives) {
        const auto found = clients_.find(client->settings.name);
        if (found == clients_.end())
            return fail(ErrorKind::Invalid, "the life alone of {} is to be saved, and its settings are not",
                        client->settings.name);
        found->second.life = client->life;
        found->second.saved = transaction.now;
        written_.push_back({.name = client->settings.name, .what = Save::What::Life});
    }
    locked_down_ = transaction.locked_down.value_or(locked_down_);
    stopped_cleanly_ = transaction.stopped_cleanly.value_or(stopped_cleanly_);
    for (const AuditRecord& record : transaction.audit)
        ++records_[{record.event, record.client}];
    all_records_ += transaction.audit.size();
    return {};
}

std::size_t MemoryStore::records(AuditEvent event, const std::string& client) const {
    const auto found = records_.find({event, client});
    return found == records_.end() ? 0 : found->second;
}

StoredState MemoryStore::read(bool same_boot) const {
    StoredState state{.removed = {removed_.begin(), removed_.end()},
                      .locked_down = locked_down_,
                      .stopped_cleanly = stopped_cleanly_,
                      .same_boot = same_boot};
    for (const auto& [name, client] : clients_)
        state.clients.push_back(client);
    return state;
}

} // namespace mandos::support
