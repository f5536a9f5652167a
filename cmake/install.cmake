# cmake --install build/release --prefix PREFIX: the program, what comes with it, and the desktop entry.
#   bin/lactscope
#   lib/lactscope/            LibTorch's shared libraries, unless LACT_INSTALL_TORCH is OFF
#   share/lactscope/assets/   scenes, weights, training configurations, the tour (app/platform/assets.cpp finds them)
#   share/applications/       lactscope.desktop, with its icon in share/icons
#   share/doc/lactscope/      the licence
include(GNUInstallDirs)
option(LACT_INSTALL_TORCH "Install LibTorch beside the program; OFF: the installed program loads that of the build" ON)

set(private_lib_dir "${CMAKE_INSTALL_LIBDIR}/lactscope")
if(LACT_INSTALL_TORCH)
  # Without the CUDA set only what libtorch_cpu.so itself loads; with it all of them: libtorch_cuda.so is opened at
  # run time and opens further ones. One flat folder serves the run paths of all of them ($ORIGIN).
  if(LACT_TORCH_CUDA STREQUAL "none (CPU libraries only)")
    set(patterns libtorch_cpu.so* libc10.so* libgomp.so* libcudart.so* libcupti.so*)
  else()
    set(patterns *.so *.so.*)
  endif()
  set(torch_libraries "")
  foreach(folder ${LACT_TORCH_RUN_PATH})
    list(TRANSFORM patterns PREPEND "${folder}/" OUTPUT_VARIABLE globs)
    file(GLOB found ${globs})
    list(FILTER found EXCLUDE REGEX "libtorch_python")
    list(APPEND torch_libraries ${found})
  endforeach()
  install(FILES ${torch_libraries} DESTINATION "${private_lib_dir}")
  file(RELATIVE_PATH to_private_lib "/${CMAKE_INSTALL_BINDIR}" "/${private_lib_dir}")
  set_target_properties(lactscope PROPERTIES INSTALL_RPATH "$ORIGIN/${to_private_lib}")
else()
  set_target_properties(lactscope PROPERTIES INSTALL_RPATH "${LACT_TORCH_RUN_PATH}")
endif()

install(TARGETS lactscope RUNTIME)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/assets/" DESTINATION "${CMAKE_INSTALL_DATADIR}/lactscope/assets"
  PATTERN "desktop" EXCLUDE)
install(FILES "${PROJECT_SOURCE_DIR}/assets/desktop/lactscope.desktop"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/applications")
install(FILES "${PROJECT_SOURCE_DIR}/assets/desktop/lactscope.svg"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
