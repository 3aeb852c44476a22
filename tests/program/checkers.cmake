# Checks of clients: the command, compared with Python; and what carries it out, on loopback.
add_executable(checker_dump checker_dump.cc)
target_link_libraries(checker_dump PRIVATE mandos_wire nlohmann_json::nlohmann_json)
set_target_properties(checker_dump PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_mandos_script_test(program_checker_against_python LABEL program SCRIPT checker_against_python_test.py)
add_mandos_gtest(
  checkers_test
  LABEL "program;threads"
  SOURCES checkers_test.cc
          ${CMAKE_SOURCE_DIR}/src/programs/mandos/check_outcome.cc
          ${CMAKE_SOURCE_DIR}/src/programs/mandos/checkers.cc
          ${CMAKE_SOURCE_DIR}/src/programs/mandos/ssh_connect.cc
          ${CMAKE_SOURCE_DIR}/tests/support/own_network.cc
          ${CMAKE_SOURCE_DIR}/tests/support/sshd.cc
  LINKS mandos_checker mandos_net mandos_ssh mandos_wire)
