# cmake --install build/release --prefix PREFIX: the program, what comes with it, and what a desktop needs to know of it.
#   bin/lactscope
#   lib/lactscope/            LibTorch's shared libraries, unless LACT_INSTALL_TORCH is OFF
#   share/lactscope/assets/   scenes, weights, training configurations, the tour (app/platform/assets.cpp finds them)
#   share/applications/       lactscope.desktop, with its icon in share/icons
#   share/mime/packages/      the types of its files: sessions, scripts, camera paths
#   share/metainfo/           what software centres show
#   share/man/man1/           lactscope.1.gz, made of --help
#   share/doc/lactscope/      the licence, and those of what comes with it
# All belongs to the component `program`, but for LibTorch's CUDA libraries (`cuda`), which the Debian package leaves out.
include(GNUInstallDirs)
option(LACT_INSTALL_TORCH "Install LibTorch beside the program; OFF: the installed program loads that of the build" ON)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)

set(private_lib_dir "${CMAKE_INSTALL_LIBDIR}/lactscope")
if(LACT_INSTALL_TORCH)
  # What libtorch_cpu.so itself loads: among it the CUDA runtime and CUPTI, small ones, without which it does not start.
  # Where the full CUDA set is there also all others: libtorch_cuda.so is opened at run time and opens further ones. One
  # flat folder serves the run paths of all of them ($ORIGIN).
  set(torch_libraries "")
  set(torch_cuda_libraries "")
  foreach(folder ${LACT_TORCH_RUN_PATH})
    file(GLOB found "${folder}/*.so" "${folder}/*.so.*")
    list(FILTER found EXCLUDE REGEX "libtorch_python")
    set(needed ${found})
    list(FILTER needed INCLUDE REGEX "/(libtorch_cpu|libc10|libgomp|libcudart|libcupti)\\.so")
    list(APPEND torch_libraries ${needed})
    if(needed)
      list(REMOVE_ITEM found ${needed})
    endif()
    list(APPEND torch_cuda_libraries ${found})
  endforeach()
  install(FILES ${torch_libraries} DESTINATION "${private_lib_dir}")
  if(NOT LACT_TORCH_CUDA STREQUAL "none (CPU libraries only)")
    install(FILES ${torch_cuda_libraries} DESTINATION "${private_lib_dir}" COMPONENT cuda)
  endif()
  # `cmake --install --strip`, as the package does, strips only what is built here; libtorch_cpu.so has 90 MB of symbols.
  install(CODE "
    if(CMAKE_INSTALL_DO_STRIP)
      execute_process(COMMAND \"${CMAKE_STRIP}\" --strip-unneeded
        \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${private_lib_dir}/libtorch_cpu.so\" COMMAND_ERROR_IS_FATAL ANY)
    endif()")
  file(RELATIVE_PATH to_private_lib "/${CMAKE_INSTALL_BINDIR}" "/${private_lib_dir}")
  set_target_properties(lactscope PROPERTIES INSTALL_RPATH "$ORIGIN/${to_private_lib}")
else()
  set_target_properties(lactscope PROPERTIES INSTALL_RPATH "${LACT_TORCH_RUN_PATH}")
endif()

install(TARGETS lactscope RUNTIME)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/assets/" DESTINATION "${CMAKE_INSTALL_DATADIR}/lactscope/assets"
  PATTERN "desktop" EXCLUDE)

set(desktop_dir "${PROJECT_SOURCE_DIR}/assets/desktop")
set(icon_dir "${CMAKE_INSTALL_DATADIR}/icons/hicolor")
install(FILES "${desktop_dir}/lactscope.desktop" DESTINATION "${CMAKE_INSTALL_DATADIR}/applications")
install(FILES "${desktop_dir}/lactscope.xml" DESTINATION "${CMAKE_INSTALL_DATADIR}/mime/packages")
install(FILES "${desktop_dir}/lactscope.metainfo.xml" DESTINATION "${CMAKE_INSTALL_DATADIR}/metainfo")
install(FILES "${desktop_dir}/lactscope.svg" DESTINATION "${icon_dir}/scalable/apps")
foreach(size 16 24 32 48 64 128 256)
  install(FILES "${desktop_dir}/icons/${size}.png" DESTINATION "${icon_dir}/${size}x${size}/apps" RENAME lactscope.png)
endforeach()

find_package(Python3 QUIET COMPONENTS Interpreter)
set(man_page "${PROJECT_BINARY_DIR}/lactscope.1.gz")
install(CODE "
  execute_process(COMMAND \"${Python3_EXECUTABLE}\" \"${PROJECT_SOURCE_DIR}/cmake/man_page.py\"
    \"$<TARGET_FILE:lactscope>\" \"${man_page}\" COMMAND_ERROR_IS_FATAL ANY)")
install(FILES "${man_page}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")

set(licence_dir "${CMAKE_INSTALL_DOCDIR}/licences")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES "${desktop_dir}/copyright" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
set(external_dir "${LACT_IMGUI_DIR}/external")
set(licences
  "imgui|${external_dir}/imgui/imgui/LICENSE.txt" "implot|${external_dir}/implot/implot/LICENSE"
  "implot3d|${external_dir}/implot3d/implot3d/LICENSE" "imguizmo|${external_dir}/ImGuizmo/ImGuizmo/LICENSE"
  "roboto|${LACT_FONT_DIR}/Roboto/LICENSE.txt" "inconsolata|${LACT_FONT_DIR}/Inconsolata-LICENSE-OFL.txt"
  "latin-modern|${LACT_FONT_DIR}/latex/GUST-FONT-LICENSE.txt")
if(LACT_INSTALL_TORCH)
  # Of a wheel that was unpacked elsewhere (LACT_TORCH_DIR) they may be missing.
  file(GLOB torch_licence "${torch_site}/torch-*.dist-info/licenses/LICENSE")
  file(GLOB torch_notice "${torch_site}/torch-*.dist-info/licenses/NOTICE")
  file(GLOB cuda_licence "${torch_site}/nvidia_cuda_runtime-*.dist-info/licenses/License.txt")
  list(APPEND licences "torch|${torch_licence}" "torch-notice|${torch_notice}" "cuda|${cuda_licence}")
endif()
foreach(licence ${licences})
  string(REGEX MATCH "^([^|]+)[|](.+)$" parts "${licence}")
  if(parts AND EXISTS "${CMAKE_MATCH_2}")
    install(FILES "${CMAKE_MATCH_2}" DESTINATION "${licence_dir}" RENAME "${CMAKE_MATCH_1}.txt")
  endif()
endforeach()
