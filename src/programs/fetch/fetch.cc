#include "programs/fetch/fetch.h"

#include <utility>

#include "adapters/tls/tls.h"
#include "base/check.h"
#include "base/error.h"
#include "programs/fetch/search.h"

namespace mandos::fetch {

Result<Outcome> fetch_password(const Settings& settings, Report report) {
    check(!settings.servers.empty() || settings.source != nullptr, "there is a server to ask");
    tls::Context tls = MANDOS_TRY(tls::Context::for_mandos_client(settings.priority, settings.tls_keys));
    Search search(settings, std::move(tls), std::move(report));
    return search.run();
}

} // namespace mandos::fetch
