foreach(test options hostile terminal)
  add_mandos_script_test(plugin_runner_${test}_test LABEL program SCRIPT plugin_runner_${test}_test.py)
endforeach()
# The same tests, as far as 1.8 behaves the same.
add_mandos_script_test(interop_plugin_runner_1.8 LABEL interop SCRIPT plugin_runner_options_test.py ARGS 1.8)
set_tests_properties(interop_plugin_runner_1.8 PROPERTIES FIXTURES_REQUIRED debian_mandos)
add_mandos_script_test(cryptroot_unlock_test LABEL program SCRIPT cryptroot_unlock_test.py)
add_mandos_script_test(password_agent_test LABEL program SCRIPT password_agent_test.py)
