# mandos-keygen as a program.
add_mandos_script_test(program_keygen LABEL program SCRIPT keygen_test.py)
