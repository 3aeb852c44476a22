# The configuration dialect, compared with Python, which defines it.
add_executable(ini_dump ini_dump.cc)
target_link_libraries(ini_dump PRIVATE mandos_wire nlohmann_json::nlohmann_json)
set_target_properties(ini_dump PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_mandos_script_test(program_ini_against_python LABEL program SCRIPT ini_against_python_test.py)
