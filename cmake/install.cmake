# What is installed where (`cmake --install`; debian/*.install divides it between the packages). GNUInstallDirs: with
# CMAKE_INSTALL_PREFIX=/usr the library directory is that of the architecture, as dh(1) sets it.
include(GNUInstallDirs)

set(MANDOS_LIBRARY_DIRECTORY ${CMAKE_INSTALL_LIBDIR}/mandos)
set(MANDOS_SYSTEMD_UNIT_DIRECTORY lib/systemd/system CACHE STRING "Where systemd's units are, below the prefix or absolute")

# install_mandos_programs(DIRECTORY target ...): those that this build has.
function(install_mandos_programs directory)
  foreach(program ${ARGN})
    if(TARGET ${program})
      install(TARGETS ${program} RUNTIME DESTINATION ${directory}
              PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    endif()
  endforeach()
endfunction()

install_mandos_programs(${CMAKE_INSTALL_SBINDIR} mandos mandos-ctl mandos-monitor mandos-keygen mandos-client-check)
install_mandos_programs(${MANDOS_LIBRARY_DIRECTORY} plugin-runner mandos-to-cryptroot-unlock password-agent)
install_mandos_programs(${MANDOS_LIBRARY_DIRECTORY}/plugins.d mandos-client password-prompt plymouth askpass-fifo splashy
                        usplash)

# The server
install(FILES dist/systemd/mandos.service DESTINATION ${MANDOS_SYSTEMD_UNIT_DIRECTORY})
install(FILES dist/dbus/mandos.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/dbus-1/system.d)
install(FILES dist/polkit/mandos.rules DESTINATION ${CMAKE_INSTALL_DATADIR}/polkit-1/rules.d)
install(FILES dist/completion/mandos-ctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME mandos-ctl)
install(FILES dist/completion/_mandos-ctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES dist/completion/mandos-ctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES dist/sysusers/mandos.conf dist/sysusers/mandos-client.conf DESTINATION lib/sysusers.d)
# The first text of files that are the administrator's from then on.
install(FILES dist/config/mandos.conf dist/config/clients.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/mandos)
install(FILES dist/config/plugin-runner.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/mandos-client)

# The client in the initramfs image
install(PROGRAMS dist/initramfs-tools/hooks/mandos DESTINATION ${CMAKE_INSTALL_DATADIR}/initramfs-tools/hooks)
install(FILES dist/initramfs-tools/conf.d/mandos-conf DESTINATION ${CMAKE_INSTALL_DATADIR}/initramfs-tools/conf.d)
install(FILES dist/initramfs-tools/conf-hooks.d/zz-mandos
        DESTINATION ${CMAKE_INSTALL_DATADIR}/initramfs-tools/conf-hooks.d)
foreach(stage init-premount local-premount)
  install(PROGRAMS dist/initramfs-tools/scripts/${stage}/mandos
          DESTINATION ${CMAKE_INSTALL_DATADIR}/initramfs-tools/scripts/${stage})
endforeach()
if(EXISTS ${CMAKE_SOURCE_DIR}/dist/dracut)
  install(DIRECTORY dist/dracut/90mandos DESTINATION lib/dracut/modules.d USE_SOURCE_PERMISSIONS)
endif()

# Manual pages: NAME.5, NAME.8 and NAME.8mandos
file(GLOB MANDOS_MANUAL_PAGES CONFIGURE_DEPENDS dist/man/*.[0-9]* docs/man/*.[0-9]*)
foreach(page ${MANDOS_MANUAL_PAGES})
  string(REGEX MATCH "\\.([0-9])[a-z]*$" _ ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${CMAKE_MATCH_1})
endforeach()
