# MANDOS_SANITIZE takes what -fsanitize= takes; every finding ends the program.
set(MANDOS_SANITIZE "" CACHE STRING "Sanitizers to build with, comma separated")
option(MANDOS_LIBFUZZER "Build the fuzz targets with libFuzzer (clang) instead of the replaying main()" OFF)
if(MANDOS_SANITIZE)
  add_compile_options(-fsanitize=${MANDOS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MANDOS_SANITIZE})
endif()
if(MANDOS_SANITIZE MATCHES thread)
  # The thread sanitizer does not know fences (g++ refuses them). Asio has some beside its mutexes, which order the same.
  add_compile_definitions(ASIO_DISABLE_FENCED_BLOCK)
endif()
if(MANDOS_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
