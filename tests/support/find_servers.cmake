# Prints the Mandos servers that adapters/mdns finds.
add_executable(find_servers find_servers.cc)
target_include_directories(find_servers PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(find_servers PRIVATE mandos_mdns fmt::fmt)
set_target_properties(find_servers PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
