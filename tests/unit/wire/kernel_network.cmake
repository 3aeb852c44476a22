# The network parameters of the kernel's command line.
add_mandos_gtest(wire_kernel_network_test LABEL unit SOURCES kernel_network_test.cc LINKS mandos_wire)
