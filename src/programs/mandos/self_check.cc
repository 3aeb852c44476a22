#include "programs/mandos/self_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <expected>
#include <iterator>

#include <fmt/core.h>

#include "adapters/openpgp/openpgp.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "programs/mandos/clients.h"
#include "programs/mandos/listening.h"
#include "programs/mandos/settings.h"
#include "wire/finding.h"

namespace mandos::server {

namespace {

void add_failed(wire::Findings& findings, const char* what, const Result<void>& result) {
    if (!result)
        findings.push_back({.severity = wire::Severity::Error,
                            .file = "self-test",
                            .option = what,
                            .text = result.error().text()});
}

void add_setting(wire::Findings& findings, const Settings& settings, const char* option,
                 const Result<void>& result) {
    if (!result)
        findings.push_back({.severity = wire::Severity::Error,
                            .file = settings.config_directory + "/mandos.conf",
                            .option = option,
                            .text = result.error().text()});
}

} // namespace

int check_everything(const Settings& settings, wire::Findings findings) {
    ClientsRead read = read_clients(settings.config_directory);
    std::ranges::move(read.findings, std::back_inserter(findings));
    if (const auto context = tls::Context::for_mandos_server(settings.priority); !context)
        add_setting(findings, settings, "priority", std::unexpected(context.error()));
    add_setting(findings, settings, "servicename", check_announcement(settings));
    add_setting(findings, settings, "interface", check_interface(settings.interface));
    add_failed(findings, "GnuTLS", tls::self_test());
    add_failed(findings, "OpenPGP", openpgp::self_test());

    for (const wire::Finding& finding : findings)
        fmt::print(stderr, "{}\n", finding.describe());
    const auto errors = static_cast<std::size_t>(std::ranges::count_if(
        findings, [](const wire::Finding& f) { return f.severity == wire::Severity::Error; }));
    fmt::print("{} clients, {} errors, {} warnings; self-tests of GnuTLS and OpenPGP done\n",
               read.clients.size(), errors, findings.size() - errors);
    return errors == 0 ? 0 : 1;
}

} // namespace mandos::server
