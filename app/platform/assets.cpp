#include "app/platform/assets.h"

#include "engine/core/full_path.h"
#include "engine/core/printable.h"

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::array scenes{
    BundledAsset{"yellow_car", "A generated vehicle that the weights have not seen."},
    BundledAsset{"tank_truck", "A generated vehicle that the weights have not seen."},
    BundledAsset{"red_plane", "A generated vehicle that the weights have not seen."},
    BundledAsset{"delivery_truck", "A generated vehicle that the weights have not seen."},
    BundledAsset{"spinning_top", "A generated object; of no family, from an earlier generator."},
    BundledAsset{"bouquet", "A generated object; of no family, from an earlier generator."},
    BundledAsset{"parcel", "A generated object; of no family, from an earlier generator."},
};

constexpr std::array weights{
    BundledAsset{"vehicles",
                 "Trained on generated vehicles, 64 x 64 and 128 x 128 pixels: recognisable within that "
                 "family, with soft edges; poor on anything else."},
    BundledAsset{"general", "Trained on generated objects of any kind, 64 x 64 pixels."},
    BundledAsset{"nano128",
                 "Trained on generated objects of any kind, 128 x 128 pixels in patches of 16 x 16."},
};

}  // namespace

std::span<const BundledAsset> bundled_scenes() {
    return scenes;
}

std::span<const BundledAsset> bundled_weights() {
    return weights;
}

std::optional<std::string> asset_name(const std::filesystem::path& path) {
    for (const char* part : {"scenes", "weights"}) {
        const auto folder = find_asset(part);
        if (!folder) {
            continue;
        }
        for (const auto& root : {*folder, full_path(*folder)}) {
            const auto inside = path.lexically_relative(root);
            if (!inside.empty() && *inside.begin() != "..") {
                return fmt::format("{}{}/{}", asset_scheme, part, inside.generic_string());
            }
        }
    }
    return std::nullopt;
}

std::string names_of(std::span<const BundledAsset> assets) {
    std::string names;
    for (std::size_t i = 0; i < assets.size(); ++i) {
        names += (i == 0 ? "" : i + 1 == assets.size() ? " or " : ", ") + std::string(assets[i].name);
    }
    return names;
}

namespace {

/// Names come from scripts, which must reach nothing but what is bundled.
Result<void> check_name(std::string_view where, std::string_view name) {
    if (name.empty() || name.front() == '.' || name.find('/') != std::string_view::npos) {
        return fail(std::string(where),
                    fmt::format("'{}' is not the name of a bundled file", printable_line(name)),
                    "Give a name without '/' that does not begin with '.'.");
    }
    return {};
}

/// The asset `folder`/`name``ending`.
Result<std::filesystem::path> find_named(std::string_view folder, std::string_view name,
                                         std::string_view ending) {
    LACT_CHECK(check_name(folder, name));
    return find_asset(fmt::format("{}/{}{}", folder, name, ending));
}

}  // namespace

Result<std::filesystem::path> find_bundled_scene(std::string_view name) {
    return find_named("scenes", name, "");
}

Result<std::filesystem::path> find_bundled_weights(std::string_view name) {
    return find_named("weights", name, ".safetensors");
}

Result<std::filesystem::path> find_rule_weights() {
    return find_asset("weights/rules");
}

Result<std::filesystem::path> find_rule_weights(std::string_view preset) {
    LACT_CHECK(check_name("weights", preset));
    const auto folder = find_rule_weights();
    std::error_code problem;
    // The files of one folder were trained alike: one of another folder would compare what differs.
    const auto file = folder ? *folder / fmt::format("{}.safetensors", preset) : std::filesystem::path();
    if (!std::filesystem::is_regular_file(file, problem)) {
        return fail("weights", fmt::format("none were trained with the rule '{}'", printable_line(preset)),
                    "Name a preset whose weights come with the program.");
    }
    return file;
}

bool RuleWeightsLookup::of(const std::string& preset) {
    const auto known = known_.find(preset);
    return known != known_.end()
               ? known->second
               : known_.emplace(preset, find_rule_weights(preset).has_value()).first->second;
}

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
    std::string searched;
    for (const auto& folder : folders) {
        if (std::filesystem::exists(folder / name, problem)) {
            return folder / name;
        }
        searched += (searched.empty() ? "" : ", ") + folder.string();
    }
    return fail("assets", "there is no " + std::string(name) + " in " + searched,
                "Run from a complete checkout, or set LACT_ASSETS to its assets folder.");
}

}  // namespace lact::app
