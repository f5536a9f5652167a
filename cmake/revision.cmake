# Which commit is being built, as a source file that is written anew only when it changes. Run as a script:
# cmake -DSOURCE_DIR=… -DOUTPUT=… -P revision.cmake
cmake_minimum_required(VERSION 3.24)
execute_process(COMMAND git -C "${SOURCE_DIR}" describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR revision STREQUAL "")
  set(revision "unknown")
endif()
set(source "#include \"app/platform/revision.h\"

std::string_view lact::app::program_revision() {
    return \"${revision}\";
}
")
set(before "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" before)
endif()
if(NOT before STREQUAL source)
  file(WRITE "${OUTPUT}" "${source}")
endif()
