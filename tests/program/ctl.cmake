# mandos-ctl where there is no server; with one: tests/interop.
add_mandos_script_test(program_ctl LABEL program SCRIPT ctl_test.py)
add_mandos_script_test(program_ctl_completion LABEL program SCRIPT ctl_completion_test.py)
