# A layer of the program: one folder, one library.
#   lact_layer(TARGET FOLDER... [BATCH n])
# makes TARGET of the sources of the folders (relative to the top). Their headers, and no others, can be included by
# the layer itself and by those that link it: an include of a layer above does not compile. BATCH: how many files are
# compiled at once (LACT_UNITY).
function(lact_layer target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "BATCH" "")
  set(sources "")
  set(root "${PROJECT_BINARY_DIR}/include/${target}")
  foreach(folder ${arg_UNPARSED_ARGUMENTS})
    file(GLOB found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    list(APPEND sources ${found})
    get_filename_component(parent "${folder}" DIRECTORY)
    file(MAKE_DIRECTORY "${root}/${parent}")
    if(NOT EXISTS "${root}/${folder}")
      file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${root}/${folder}" SYMBOLIC)
    endif()
  endforeach()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC "${root}")
  target_link_libraries(${target} PUBLIC lact_options)
  if(LACT_UNITY)
    if(NOT arg_BATCH)
      set(arg_BATCH 6)
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${arg_BATCH}
      UNITY_BUILD_UNIQUE_ID LACT_UNITY_ID)
  endif()
endfunction()
