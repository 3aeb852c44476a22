// The state directory: made, opened and read at the start.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/log/log.h"
#include "adapters/privilege/user.h"
#include "adapters/service/service.h"
#include "adapters/store/sqlite_store.h"
#include "base/error.h"
#include "core/client.h"
#include "core/stored.h"
#include "programs/mandos/settings.h"

namespace mandos::server {

// Where there is none, makes DIRECTORY, USER's alone. For root; does nothing for others.
Result<void> make_state_directory(const std::string& directory, const privilege::User& user);

struct OpenedState {
    std::unique_ptr<store::SqliteStore> store;
    core::StoredState stored; // what is to be restored: nothing with --no-restore
};

// Where nothing was ever stored, what Mandos 1.8 left there is taken over first. CONFIGURED is what the
// configuration says: the secrets in that state are readable only with those. That may take long, and MANAGER
// is told so while it does.
Result<OpenedState> open_state(const Settings& settings, const std::vector<core::ClientSettings>& configured,
                               service::Manager& manager, log::Log& log);

} // namespace mandos::server
