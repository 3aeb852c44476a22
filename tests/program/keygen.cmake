# mandos-keygen as a program.
foreach(test options files types section ssh proof)
  add_mandos_script_test(program_keygen_${test} LABEL program SCRIPT keygen_${test}_test.py)
endforeach()

# Makes single system calls fail, for the rollback of key files.
add_library(failing_calls SHARED failing_calls.cc)
target_link_libraries(failing_calls PRIVATE fmt::fmt ${CMAKE_DL_LIBS})
set_target_properties(failing_calls PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
