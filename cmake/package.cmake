# make package: a Debian package with all that the program needs beside Debian's own libraries. LibTorch comes with it,
# for the CPU alone: the component `cuda` of cmake/install.cmake is left out.
if(NOT LACT_INSTALL_TORCH)
  return()  # It would load LibTorch from this checkout.
endif()
set(LACT_PACKAGE_MAINTAINER "LaCT Scope maintainers <lactscope@localhost>" CACHE STRING
  "Who answers for the package: NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lactscope)
set(CPACK_PACKAGE_CONTACT "${LACT_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "novel views of a scene with test-time training")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"LaCT Scope renders novel views of a scene from its photos with LaCT-NVS, a
network whose layers learn at test time, and shows what their fast weights
have learned, beside the same layers as linear attention.
.
Scenes and trained weights come with it, and LibTorch for the CPU. Commands
that write files need no graphics; the window needs a Vulkan driver.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};lactscope;program;/")
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)  # xz takes minutes for LibTorch.
set(CPACK_THREADS 0)  # As many as there are cores.
# Debian's libraries by what the program is linked to. The Vulkan loader is opened at run time, and only by the window.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${LACT_TORCH_RUN_PATH})
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libvulkan1, mesa-vulkan-drivers | vulkan-icd")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "colmap, zenity | kdialog")
include(CPack)
