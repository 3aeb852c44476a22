# Connecting and looking up names, on loopback.
add_mandos_gtest(net_connect_test LABEL component SOURCES connect_test.cc LINKS mandos_net)
