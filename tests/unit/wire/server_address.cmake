# What --connect takes.
add_mandos_gtest(wire_server_address_test LABEL unit SOURCES server_address_test.cc LINKS mandos_wire)
