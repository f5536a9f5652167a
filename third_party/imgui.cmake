# Dear ImGui (docking) with its GLFW and Vulkan back ends, ImPlot and ImGuizmo as one library, made from
# the unpacked source archive of imgui-bundle; also GLFW, Vulkan and volk, which only the window needs.
#
#   lact::imgui     the library; Vulkan functions come from volk
set(LACT_IMGUI_DIR "${PROJECT_SOURCE_DIR}/.deps/imgui_bundle" CACHE PATH "Unpacked imgui-bundle 1.93.0 source archive")
if(NOT EXISTS "${LACT_IMGUI_DIR}/external/imgui/imgui/imgui.h")
  message(FATAL_ERROR "Dear ImGui is not in ${LACT_IMGUI_DIR}.\nRun 'make build' (it fetches it).")
endif()
find_package(glfw3 3.3 QUIET)
if(NOT glfw3_FOUND)
  message(FATAL_ERROR "GLFW 3.3, which opens the window, was not found.\nRun 'make build', or: apt install libglfw3-dev")
endif()
find_path(vulkan_include_dir vulkan/vulkan.h)
find_path(volk_include_dir NAMES volk.c)
if(NOT vulkan_include_dir OR NOT volk_include_dir)
  message(FATAL_ERROR "The Vulkan headers or volk were not found.\n"
    "Run 'make build', or: apt install libvulkan-dev libvulkan-volk-dev")
endif()

set(external "${LACT_IMGUI_DIR}/external")
set(imgui "${external}/imgui/imgui")
set(implot "${external}/implot/implot")
set(imguizmo "${external}/ImGuizmo/ImGuizmo/src")
set(LACT_FONT_DIR "${LACT_IMGUI_DIR}/bindings/imgui_bundle/assets/fonts")
add_library(lact_imgui STATIC
  "${imgui}/imgui.cpp" "${imgui}/imgui_draw.cpp" "${imgui}/imgui_tables.cpp" "${imgui}/imgui_widgets.cpp"
  "${imgui}/imgui_stacklayout.cpp" "${imgui}/misc/cpp/imgui_stdlib.cpp"
  "${imgui}/backends/imgui_impl_glfw.cpp" "${imgui}/backends/imgui_impl_vulkan.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/imgui_items.cpp"
  "${implot}/implot.cpp" "${implot}/implot_items.cpp" "${imguizmo}/ImGuizmo.cpp"
  "${volk_include_dir}/volk.c")
add_library(lact::imgui ALIAS lact_imgui)
target_include_directories(lact_imgui SYSTEM PUBLIC
  "${imgui}" "${imgui}/backends" "${imgui}/misc/cpp" "${implot}" "${imguizmo}" "${vulkan_include_dir}" "${volk_include_dir}"
  "${external}/portable_file_dialogs/portable_file_dialogs")
target_compile_definitions(lact_imgui PUBLIC
  IMGUI_IMPL_VULKAN_USE_VOLK VK_NO_PROTOTYPES GLFW_INCLUDE_NONE IMGUI_DISABLE_OBSOLETE_FUNCTIONS
  IMGUI_ENABLE_TEST_ENGINE # Its hooks are in imgui_items.cpp.
  "ImDrawIdx=unsigned int")
target_compile_options(lact_imgui PRIVATE -w)
target_link_libraries(lact_imgui PUBLIC glfw PRIVATE ${CMAKE_DL_LIBS})
# Plots of the types we have; all ten of them take minutes to compile.
set_source_files_properties("${implot}/implot_items.cpp" PROPERTIES
  COMPILE_DEFINITIONS "IMPLOT_CUSTOM_NUMERIC_TYPES=(ImS32)(float)(double)")
set_source_files_properties("${volk_include_dir}/volk.c" PROPERTIES LANGUAGE CXX)
