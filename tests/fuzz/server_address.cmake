# What --connect and --server take.
add_mandos_fuzz_target(server_address SOURCE server_address_fuzz.cc LINKS mandos_wire)
