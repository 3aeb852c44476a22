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
add_mandos_script_test(program_server_bad_calls LABEL program SCRIPT server_bad_calls_test.py)
add_mandos_script_test(program_server_bad_checkers LABEL program SCRIPT server_bad_checkers_test.py)

# The server, killed at each change of a file; the sanitizers find nothing more in it, and want to be loaded first.
if(NOT MANDOS_SANITIZE)
  add_library(killed_at_call SHARED killed_at_call.cc)
  target_link_libraries(killed_at_call PRIVATE fmt::fmt ${CMAKE_DL_LIBS})
  target_compile_options(killed_at_call PRIVATE -fPIC) # hardening makes it -fPIE, which is for programs
  set_target_properties(killed_at_call PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  foreach(mode before half after power)
    foreach(part 1 2)
      add_mandos_script_test(program_server_killed_${mode}_${part} LABEL "program;slow;optimised" SCRIPT server_killed_test.py
                             TIMEOUT 900 ARGS ${mode} ${part} 2)
    endforeach()
  endforeach()
endif()
add_mandos_script_test(program_server_journal LABEL program SCRIPT server_journal_test.py)
