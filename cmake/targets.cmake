# add_mandos_library(NAME SOURCES ... [LINKS ...])
#   The library of one folder below src/. What LINKS names is visible to its users too: an arrow of the floor plan.
function(add_mandos_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  add_library(mandos_${name} STATIC ${arg_SOURCES})
  target_include_directories(mandos_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(mandos_${name} PUBLIC ${arg_LINKS})
endfunction()

# add_mandos_program(NAME SOURCES ... LINKS ...)
function(add_mandos_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
endfunction()

# add_mandos_gtest(NAME LABEL label SOURCES ... LINKS ...)
#   One test program; ctest sees it as one test with the label of its folder. LABEL "x;threads": the thread
#   sanitizer sees it too.
function(add_mandos_gtest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;LINKS")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gmock_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_definitions(${name} PRIVATE MANDOS_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                             MANDOS_BUILD_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77)
  if("threads" IN_LIST arg_LABEL)
    add_dependencies(threads ${name})
  endif()
endfunction()

# add_mandos_script_test(NAME LABEL label SCRIPT file [TIMEOUT s] [ARGS ...])
#   A test written as a Python script. It finds the programs under test through MANDOS_BUILD_DIR, exits with 77 to skip.
function(add_mandos_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;SCRIPT;TIMEOUT" "ARGS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT} ${arg_ARGS})
  set_tests_properties(
    ${name}
    PROPERTIES LABELS "${arg_LABEL}"
               TIMEOUT ${arg_TIMEOUT}
               SKIP_RETURN_CODE 77
               ENVIRONMENT
               "MANDOS_BUILD_DIR=${CMAKE_BINARY_DIR};MANDOS_SOURCE_DIR=${CMAKE_SOURCE_DIR};PYTHONPATH=${CMAKE_SOURCE_DIR}")
endfunction()

# add_mandos_fuzz_target(NAME SOURCE file LINKS ...)
#   One parser under libFuzzer (preset "fuzz"); in every other preset the same target replays corpus/NAME as a test.
function(add_mandos_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE" "LINKS")
  set(target fuzz_${name})
  if(MANDOS_LIBFUZZER)
    add_executable(${target} ${arg_SOURCE})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${arg_SOURCE} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME ${target} COMMAND ${target} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(${target} PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${arg_LINKS})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()
