# The counterpart of mandos-client in its program tests: GnuTLS alone, none of our libraries.
add_executable(scripted_server scripted_server.cc)
target_link_libraries(scripted_server PRIVATE PkgConfig::GNUTLS Threads::Threads)
set_target_properties(scripted_server PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
# Our own fetching with a scripted finder.
add_executable(fetch_found fetch_found.cc)
target_link_libraries(fetch_found PRIVATE mandos_fetch mandos_wire)
set_target_properties(fetch_found PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
