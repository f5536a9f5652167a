# Debian's libraries as targets: one place that says what each is for.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)  # scene files, weight metadata, machine-readable results
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)               # command lines
find_package(tl-expected REQUIRED)         # Result<T>; std::expected needs C++23
find_package(Eigen3 REQUIRED NO_MODULE)    # camera poses
find_package(OpenSSL REQUIRED COMPONENTS Crypto)  # SHA-256 of weight files
pkg_check_modules(stb REQUIRED IMPORTED_TARGET stb)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)  # file names: accents, letter case
if(LACT_VIDEO)
  pkg_check_modules(libav REQUIRED IMPORTED_TARGET libavcodec libavfilter libavformat libavutil libswscale)
endif()

# Third-party headers must not trip our warnings.
set(libraries nlohmann_json::nlohmann_json fmt::fmt CLI11::CLI11 tl::expected Eigen3::Eigen PkgConfig::stb
  PkgConfig::utf8proc)
if(LACT_VIDEO)
  list(APPEND libraries PkgConfig::libav)
endif()
foreach(target ${libraries})
  get_target_property(dirs ${target} INTERFACE_INCLUDE_DIRECTORIES)
  if(dirs)
    set_target_properties(${target} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${dirs}")
  endif()
endforeach()
