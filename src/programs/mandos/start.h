// From settings to a service that can begin: everything that has to be done as root, then being root no more.
#pragma once

#include "adapters/log/log.h"
#include "adapters/service/service.h"
#include "base/error.h"
#include "programs/mandos/serve.h"
#include "programs/mandos/settings.h"
#include "wire/finding.h"

namespace mandos::server {

// Logs every finding. False: there is an error among them, and nothing may be started.
bool report(const wire::Findings& findings, log::Log& log);

// Reads the clients, binds the socket, writes the pid file (for a daemon), and becomes the Mandos user.
Result<Service> start(const Settings& settings, service::Manager& manager, log::Log& log);

} // namespace mandos::server
