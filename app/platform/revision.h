#pragma once

#include <string_view>

namespace lact::app {

/// The commit the program was built from ("a1b2c3d4e5f6", with "-dirty" where files differed from it), or
/// "unknown" outside of a repository. CMake generates the definition (cmake/revision.cmake).
[[nodiscard]] std::string_view program_revision();

}  // namespace lact::app
