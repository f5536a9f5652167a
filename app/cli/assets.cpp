#include "app/cli/assets.h"

#include <cstdlib>
#include <string>
#include <vector>

namespace lact::app {

Result<std::filesystem::path> find_asset(std::string_view name) {
    std::vector<std::filesystem::path> folders;
    if (const char* chosen = std::getenv("LACT_ASSETS"); chosen != nullptr) {
        folders.emplace_back(chosen);
    }
    std::error_code problem;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", problem);
    if (!problem) {
        const auto beside = program.parent_path();
        folders.push_back(beside.parent_path().parent_path() / "assets");  // build/<preset>/lactscope
        folders.push_back(beside / "assets");
        folders.push_back(beside.parent_path() / "share/lactscope/assets");
    }
    std::string looked;
    for (const auto& folder : folders) {
        if (std::filesystem::exists(folder / name, problem)) {
            return folder / name;
        }
        looked += (looked.empty() ? "" : ", ") + folder.string();
    }
    return fail("assets", "there is no " + std::string(name) + " in " + looked,
                "Run from a complete checkout, or set LACT_ASSETS to its assets folder.");
}

}  // namespace lact::app
