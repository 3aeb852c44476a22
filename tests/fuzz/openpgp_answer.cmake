# What a client receives from a server and decrypts.
add_mandos_fuzz_target(openpgp_answer SOURCE openpgp_answer_fuzz.cc LINKS mandos_openpgp)
