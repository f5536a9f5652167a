# LibTorch as imported targets, made from an unpacked wheel of PyTorch.
#
# Written by hand because the wheel's own find_package(Torch) insists on a CUDA toolkit. Only the CPU
# libraries are linked; libtorch_cuda.so is opened at run time where it and a GPU are there, so that one
# program serves both kinds of machine.
#
#   lact::torch             headers, libtorch_cpu and libc10
#   LACT_TORCH_RUN_PATH     folders with the shared libraries of LibTorch and of the CUDA wheels
set(LACT_TORCH_DIR "" CACHE PATH "The 'torch' folder of a PyTorch 2.11 wheel (default: fetched into .deps)")
if(NOT LACT_TORCH_DIR)
  set(torch_dir "${PROJECT_SOURCE_DIR}/.deps/python/torch")
else()
  set(torch_dir "${LACT_TORCH_DIR}")
endif()
if(NOT EXISTS "${torch_dir}/lib/libtorch_cpu.so")
  message(FATAL_ERROR "LibTorch is not in ${torch_dir}.\n"
    "Run 'make build' (it fetches LibTorch), or pass -DLACT_TORCH_DIR=<the 'torch' folder of a PyTorch 2.11 wheel>.")
endif()

file(STRINGS "${torch_dir}/version.py" torch_version_line REGEX "^__version__ = ")
string(REGEX REPLACE ".*'([^']+)'.*" "\\1" LACT_TORCH_VERSION "${torch_version_line}")
get_filename_component(torch_site "${torch_dir}" DIRECTORY)
set(torch_cuda_lib_dirs
  "${torch_site}/nvidia/cu13/lib" "${torch_site}/nvidia/cudnn/lib" "${torch_site}/nvidia/cusparselt/lib"
  "${torch_site}/nvidia/nccl/lib" "${torch_site}/nvidia/nvshmem/lib")
if(EXISTS "${torch_dir}/lib/libtorch_cuda.so" AND EXISTS "${torch_site}/nvidia/cudnn/lib")
  set(LACT_TORCH_CUDA "the full CUDA set is there")
else()
  set(LACT_TORCH_CUDA "none (CPU libraries only)")
endif()

add_library(lact_torch_c10 SHARED IMPORTED)
set_target_properties(lact_torch_c10 PROPERTIES IMPORTED_LOCATION "${torch_dir}/lib/libc10.so")
add_library(lact_torch_cpu SHARED IMPORTED)
set_target_properties(lact_torch_cpu PROPERTIES
  IMPORTED_LOCATION "${torch_dir}/lib/libtorch_cpu.so"
  INTERFACE_LINK_LIBRARIES lact_torch_c10)

# The wheel brings the headers of another fmt than Debian's, without the library: Debian's must be found first.
find_path(debian_fmt_dir fmt/format.h REQUIRED)
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/debian_headers")
file(CREATE_LINK "${debian_fmt_dir}/fmt" "${PROJECT_BINARY_DIR}/debian_headers/fmt" SYMBOLIC)

add_library(lact_torch INTERFACE)
add_library(lact::torch ALIAS lact_torch)
target_include_directories(lact_torch SYSTEM INTERFACE
  "${PROJECT_BINARY_DIR}/debian_headers" "${torch_dir}/include" "${torch_dir}/include/torch/csrc/api/include")
target_compile_definitions(lact_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
target_link_libraries(lact_torch INTERFACE lact_torch_cpu lact_torch_c10)
# Programs find LibTorch, and libtorch_cpu.so the CUDA runtime, through their run path (DT_RPATH, which the libraries
# that a program loads inherit, too). cmake/install.cmake gives the installed program one of its own.
set(LACT_TORCH_RUN_PATH "${torch_dir}/lib" ${torch_cuda_lib_dirs})
set(CMAKE_BUILD_RPATH "${LACT_TORCH_RUN_PATH}")
target_link_options(lact_torch INTERFACE "LINKER:--disable-new-dtags" "LINKER:--allow-shlib-undefined")

# Torch's own OpenMP runtime: linking another one would start a second set of threads.
add_library(lact_torch_openmp INTERFACE)
target_link_libraries(lact_torch_openmp INTERFACE "${torch_dir}/lib/libgomp.so.1")
