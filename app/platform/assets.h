#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace lact::app {

/// A bundled file or folder ("weights/nano64.safetensors", "scenes/bouquet"): looked for in $LACT_ASSETS, in
/// the checkout the program was built in, beside the program and in ../share/lactscope. The error lists
/// where.
[[nodiscard]] Result<std::filesystem::path> find_asset(std::string_view name);

/// A scene or a weight file that comes with the program.
struct BundledAsset {
    const char* name;   ///< "bouquet": scenes/bouquet; "nano64": weights/nano64.safetensors.
    const char* about;  ///< A sentence for people.
};
/// Scenes; the first is what the program opens with.
[[nodiscard]] std::span<const BundledAsset> bundled_scenes();
/// Weights; the first are what the program opens with.
[[nodiscard]] std::span<const BundledAsset> bundled_weights();
/// "yellow_car, tank_truck or bouquet"
[[nodiscard]] std::string names_of(std::span<const BundledAsset> assets);
/// Errors: those of find_asset().
[[nodiscard]] Result<std::filesystem::path> find_bundled_scene(std::string_view name);
[[nodiscard]] Result<std::filesystem::path> find_bundled_weights(std::string_view name);

}  // namespace lact::app
