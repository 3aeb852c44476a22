# The language and the warnings that everything is compiled with; a warning is an error.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# Debug information in its own sections, light enough to link fast on two cores.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wcast-align -Wformat=2 -Wnull-dereference -Wimplicit-fallthrough -Wswitch-enum -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees null dereferences and dangling pointers inside inlined coroutine frames that are none (PR 104475).
  add_compile_options(-Wduplicated-cond -Wlogical-op -Wno-null-dereference)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # clang 19 hides std::expected of libstdc++ 12 behind __cpp_concepts >= 202002L, which it reports; nothing to add.
  # Statement expressions are what MANDOS_TRY is made of.
  add_compile_options(-Wno-gnu-statement-expression-from-macro-expansion)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
