// A network namespace of a test's own: loopback and nothing else, all ports free, its settings the test's.
#pragma once

#include <string>

namespace mandos::support {

// Once, before there are threads. Loopback is up then. The test fails where it cannot be done.
void enter_own_network();

// The setting NAME ("ipv4/icmp_echo_ignore_all") of this network. The test fails where it cannot be set.
void set_sysctl(const std::string& name, const std::string& value);

} // namespace mandos::support
