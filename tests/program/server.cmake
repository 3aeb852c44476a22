# The server as a program: its configuration, how it starts and ends.
add_mandos_script_test(program_server_configuration LABEL program SCRIPT server_configuration_test.py)
add_mandos_script_test(program_server_start LABEL program SCRIPT server_start_test.py)
add_mandos_script_test(program_server_state LABEL program SCRIPT server_state_test.py)
add_mandos_script_test(program_server_reload LABEL program SCRIPT server_reload_test.py)
add_mandos_script_test(program_server_service LABEL program SCRIPT server_service_test.py)
add_mandos_script_test(program_server_import LABEL program SCRIPT server_import_test.py)
add_mandos_script_test(program_server_journal LABEL program SCRIPT server_journal_test.py)
