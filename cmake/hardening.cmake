# What an installed program is hardened with. tests/lint/hardening_test reads it back from the ELF files.
option(MANDOS_HARDEN "Position independent, read-only relocations, fortified, stack and control-flow protection" OFF)
if(MANDOS_HARDEN)
  add_compile_definitions(_FORTIFY_SOURCE=3 _GLIBCXX_ASSERTIONS)
  add_compile_options(-fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
                      -ftrivial-auto-var-init=zero)
  add_link_options(-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
endif()
