#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lact::app {

/// Finds a bundled file or folder ("weights/general.safetensors", "scenes/bouquet") in $LACT_ASSETS, in the
/// checkout the program was built in, beside the program or in ../share/lactscope. The error lists these.
[[nodiscard]] Result<std::filesystem::path> find_asset(std::string_view name);

/// How files name what comes with the program, the same on every machine: "asset:scenes/bouquet".
inline constexpr std::string_view asset_scheme = "asset:";
/// This name of a bundled scene or weight file that find_asset() found; nothing for another path.
[[nodiscard]] std::optional<std::string> asset_name(const std::filesystem::path& path);

/// A scene or a weight file that comes with the program.
struct BundledAsset {
    const char* name;   ///< "bouquet": scenes/bouquet; "general": weights/general.safetensors.
    const char* about;  ///< A sentence for the user.
};
/// Bundled scenes; the program opens the first by default.
[[nodiscard]] std::span<const BundledAsset> bundled_scenes();
/// Bundled weights; the program opens the first by default.
[[nodiscard]] std::span<const BundledAsset> bundled_weights();
/// "yellow_car, tank_truck or bouquet"
[[nodiscard]] std::string names_of(std::span<const BundledAsset> assets);
/// Errors: those of find_asset(); a name that is a path.
[[nodiscard]] Result<std::filesystem::path> find_bundled_scene(std::string_view name);
[[nodiscard]] Result<std::filesystem::path> find_bundled_weights(std::string_view name);
/// The folder of weights of one small model, trained with each update rule. Errors: those of find_asset().
[[nodiscard]] Result<std::filesystem::path> find_rule_weights();
/// The weights there that were trained with a rule, by the name of its preset: "variant1".
[[nodiscard]] Result<std::filesystem::path> find_rule_weights(std::string_view preset);

/// Whether there are weights that were trained with a rule, looked up once for each: for panels, which ask in
/// every frame.
class RuleWeightsLookup {
  public:
    /// `preset`: the name of a preset; empty: of no preset, which has none.
    [[nodiscard]] bool of(const std::string& preset);

  private:
    std::map<std::string, bool> known_;
};

}  // namespace lact::app
