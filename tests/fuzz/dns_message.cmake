# What any machine on a client's links can send it.
add_mandos_fuzz_target(dns_message SOURCE dns_message_fuzz.cc LINKS mandos_wire)
