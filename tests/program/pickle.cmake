# The state that Mandos 1.8 leaves: compared with Python, which writes it, and as the server finds it.
add_mandos_script_test(program_pickle_against_python LABEL program SCRIPT pickle_against_python_test.py)
add_mandos_script_test(program_import_state LABEL program SCRIPT import_state_test.py)
