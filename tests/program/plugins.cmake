# The plugins that ask a person, each script in a machine of its own (tests/support/own_machine.py).
foreach(test password_prompt plymouth askpass_fifo splash)
  add_mandos_script_test(${test}_test LABEL program SCRIPT ${test}_test.py)
endforeach()
# What both have to do alike, asked of Debian's Mandos 1.8.
foreach(test password_prompt plymouth askpass_fifo)
  add_mandos_script_test(interop_${test}_of_1.8 LABEL interop SCRIPT ${test}_test.py ARGS 1.8)
  set_tests_properties(interop_${test}_of_1.8 PROPERTIES FIXTURES_REQUIRED debian_mandos)
endforeach()
