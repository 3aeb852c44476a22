# The monitor beside a stand-in for the server: what it shows that 1.8's server does not tell, and how much of it.
add_mandos_script_test(program_monitor LABEL program SCRIPT monitor_test.py)
