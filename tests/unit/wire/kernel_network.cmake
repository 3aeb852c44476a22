# The network parameters of the kernel's command line, and what DHCP clients say.
add_mandos_gtest(wire_kernel_network_test LABEL unit SOURCES dhcp_lease_test.cc kernel_network_test.cc LINKS mandos_wire)
