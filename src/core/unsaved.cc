#include "core/unsaved.h"

#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "core/actions.h"
#include "core/audit.h"
#include "core/clients.h"
#include "core/limits.h"
#include "core/store.h"
#include "core/time.h"

namespace mandos::core {

void Unsaved::note(const Action& action) {
    if (const auto* save = std::get_if<Save>(&action)) {
        if (save->urgency == Urgency::Soon) {
            soon_.insert(save->client);
            return;
        }
        lives_.insert(save->client);
        if (save->what == Save::What::Everything)
            settings_.insert(save->client);
    } else if (const auto* erase = std::get_if<Erase>(&action)) {
        erased_.push_back(erase->client);
    } else if (const auto* remember = std::get_if<RememberRemoved>(&action)) {
        removed_[remember->client] = remember->removed;
    } else if (const auto* save_server = std::get_if<SaveServer>(&action)) {
        if (save_server->locked_down)
            server_.locked_down = save_server->locked_down;
        if (save_server->stopped_cleanly)
            server_.stopped_cleanly = save_server->stopped_cleanly;
    } else if (const auto* audit = std::get_if<Audit>(&action)) {
        audit_.push_back(audit->record);
    }
}

bool Unsaved::is_empty() const {
    return settings_.empty() && lives_.empty() && erased_.empty() && removed_.empty() && audit_.empty()
           && !server_.locked_down && !server_.stopped_cleanly;
}

Transaction Unsaved::transaction(const Clients& clients, Now now) const {
    Transaction transaction{.now = now,
                            .erased = erased_,
                            .locked_down = server_.locked_down,
                            .stopped_cleanly = server_.stopped_cleanly,
                            .audit = audit_};
    const auto add = [&clients](const std::set<ClientId>& ids, std::vector<const Client*>& to) {
        for (const ClientId id : ids)
            if (const Client* client = clients.find(id)) // else it was removed since then
                to.push_back(client);
    };
    add(settings_, transaction.settings);
    add(lives_, transaction.lives);
    for (const auto& [name, removed] : removed_)
        (removed ? transaction.removed : transaction.forgotten).push_back(name);
    return transaction;
}

void Unsaved::taken() {
    settings_.clear();
    lives_.clear();
    erased_.clear();
    removed_.clear();
    server_ = {};
    audit_.clear();
}

void Unsaved::not_taken() {
    for (AuditRecord& record : audit_)
        record = not_stored(std::move(record));
    if (audit_.size() > limits::unwritten_records)
        audit_.resize(limits::unwritten_records);
}

void Unsaved::soon_is_now() {
    lives_.merge(soon_);
    soon_.clear();
}

AuditRecord not_stored(AuditRecord record) {
    if (record.event == AuditEvent::SecretReleased) {
        record.event = AuditEvent::Refused;
        record.cause = refusal_text(Refusal::NotStored, record.client);
    }
    return record;
}

} // namespace mandos::core
