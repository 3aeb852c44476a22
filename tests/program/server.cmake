# The server as a program: its configuration, how it starts and ends.
add_mandos_script_test(program_server_configuration LABEL program SCRIPT server_configuration_test.py)
add_mandos_script_test(program_server_start LABEL program SCRIPT server_start_test.py)
