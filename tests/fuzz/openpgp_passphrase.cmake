# What Mandos 1.8 encrypted with a passphrase.
add_mandos_fuzz_target(openpgp_passphrase SOURCE openpgp_passphrase_fuzz.cc LINKS mandos_openpgp)
