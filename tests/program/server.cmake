# The server as a program: its configuration, how it starts and ends.
add_mandos_script_test(program_server_configuration LABEL program SCRIPT server_configuration_test.py)
add_mandos_script_test(program_server_start LABEL program SCRIPT server_start_test.py)
add_mandos_script_test(program_server_state LABEL program SCRIPT server_state_test.py)
add_mandos_script_test(program_server_reload LABEL program SCRIPT server_reload_test.py)
add_mandos_script_test(program_server_service LABEL program SCRIPT server_service_test.py)
add_mandos_script_test(program_server_import LABEL program SCRIPT server_import_test.py)
# What the server announces on a link, with real responders in network namespaces.
add_mandos_script_test(program_announce LABEL "program;netns" SCRIPT announce_test.py TIMEOUT 600)
add_mandos_script_test(program_fetch_resolved LABEL program SCRIPT fetch_resolved.py)
set_tests_properties(program_fetch_resolved PROPERTIES FIXTURES_SETUP resolved)
add_mandos_script_test(program_announce_resolved LABEL "program;netns" SCRIPT announce_resolved_test.py)
set_tests_properties(program_announce_resolved PROPERTIES FIXTURES_REQUIRED resolved)
