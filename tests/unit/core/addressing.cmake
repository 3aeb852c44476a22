# Which addresses, routes and VLANs a client makes.
add_mandos_gtest(core_addressing_test LABEL unit SOURCES addressing_test.cc LINKS mandos_core)
