# mandos-client against the scripted server.
add_mandos_script_test(client_options_test LABEL program SCRIPT client_options_test.py)
add_mandos_script_test(client_fetch_test LABEL program SCRIPT client_fetch_test.py)
add_mandos_script_test(client_hostile_test LABEL program SCRIPT client_hostile_test.py)
add_mandos_script_test(client_race_test LABEL "program;netns" SCRIPT client_race_test.py)
add_mandos_script_test(client_finding_test LABEL "program;netns" SCRIPT client_finding_test.py)
add_mandos_script_test(client_found_test LABEL program SCRIPT client_found_test.py)
add_mandos_gtest(fetch_test LABEL program SOURCES fetch_test.cc LINKS mandos_fetch)
# A program with the address sanitizer looks at itself when it ends, and is not confined.
if(NOT MANDOS_SANITIZE MATCHES address)
  add_mandos_script_test(client_confinement_test LABEL program SCRIPT client_confinement_test.py)
endif()
add_mandos_script_test(client_network_hooks_test LABEL program SCRIPT client_network_hooks_test.py)
add_mandos_script_test(client_network_test LABEL "program;netns" SCRIPT client_network_test.py)
add_mandos_script_test(client_addresses_test LABEL "program;netns" SCRIPT client_addresses_test.py)
# The hooks that are examples for administrators.
add_mandos_script_test(network_hook_examples_test LABEL "program;netns" SCRIPT network_hook_examples_test.py)
