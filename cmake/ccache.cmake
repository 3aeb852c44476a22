# Compiles through ccache where there is one. Paths are made relative, so that every checkout shares the cache.
find_program(MANDOS_CCACHE ccache)
if(MANDOS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true ${MANDOS_CCACHE})
endif()
