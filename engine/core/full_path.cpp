#include "engine/core/full_path.h"

#include <system_error>

namespace lact {

namespace fs = std::filesystem;

fs::path full_path(const fs::path& path) {
    std::error_code problem;
    const fs::path absolute = fs::absolute(path, problem);  // Fails where the working folder is gone.
    const fs::path whole = problem ? path : absolute;
    fs::path full = fs::weakly_canonical(whole, problem);
    if (problem) {
        full = whole.lexically_normal();
    }
    return full.has_filename() ? full : full.parent_path();
}

bool lies_in(const fs::path& file, const fs::path& folder) {
    const fs::path inside = file.lexically_normal().lexically_relative(folder.lexically_normal());
    return !inside.empty() && *inside.begin() != "..";
}

}  // namespace lact
