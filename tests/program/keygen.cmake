# mandos-keygen as a program.
foreach(test options)
  add_mandos_script_test(program_keygen_${test} LABEL program SCRIPT keygen_${test}_test.py)
endforeach()
