# Everything from outside, found once. All of it is packaged in Debian 12; tools/setup installs it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
# fmt::format() only: clang mangles the templates behind format_to() otherwise than the packaged library does.
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
if(MANDOS_TESTS)
  find_package(GTest REQUIRED)
endif()
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.7)
pkg_check_modules(RNP REQUIRED IMPORTED_TARGET librnp>=0.16)
pkg_check_modules(CRYPTSETUP REQUIRED IMPORTED_TARGET libcryptsetup)
pkg_check_modules(LIBSSH REQUIRED IMPORTED_TARGET libssh)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.37)
pkg_check_modules(LIBSYSTEMD REQUIRED IMPORTED_TARGET libsystemd>=252)
pkg_check_modules(NCURSESW REQUIRED IMPORTED_TARGET ncursesw)
pkg_check_modules(MNL REQUIRED IMPORTED_TARGET libmnl)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp>=2.5)

# Standalone Asio has headers only.
find_path(MANDOS_ASIO_INCLUDE asio.hpp REQUIRED)
add_library(mandos_asio INTERFACE)
target_include_directories(mandos_asio SYSTEM INTERFACE ${MANDOS_ASIO_INCLUDE})
# Asio 1.22 knows the standard's coroutines with g++ alone; clang 19 has them too.
target_compile_definitions(mandos_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_HAS_CO_AWAIT
                                                 ASIO_HAS_STD_COROUTINE)
target_link_libraries(mandos_asio INTERFACE Threads::Threads)
