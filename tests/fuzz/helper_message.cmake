# What the process of mandos-client that strangers may take over can say to the one that has rights.
add_mandos_fuzz_target(helper_message SOURCE helper_message_fuzz.cc LINKS mandos_wire)
