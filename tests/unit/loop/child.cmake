# Work in a child process.
add_mandos_gtest(loop_child_test LABEL unit SOURCES child_test.cc LINKS mandos_loop)
