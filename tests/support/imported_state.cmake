# What is read of Mandos 1.8's state, as JSON: by src/wire alone, and by what the server calls.
add_library(mandos_imported_state_json STATIC imported_state_json.cc)
target_include_directories(mandos_imported_state_json PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
target_link_libraries(mandos_imported_state_json PUBLIC mandos_wire nlohmann_json::nlohmann_json)

add_executable(pickle_to_json pickle_to_json.cc)
target_link_libraries(pickle_to_json PRIVATE mandos_imported_state_json)

add_executable(import_state import_state_main.cc ${CMAKE_SOURCE_DIR}/src/programs/mandos/import_state.cc)
target_link_libraries(import_state PRIVATE mandos_imported_state_json mandos_openpgp)
set_target_properties(pickle_to_json import_state PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
