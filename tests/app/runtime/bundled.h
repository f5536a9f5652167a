#pragma once

#include <chrono>
#include <filesystem>

namespace lact::app::test {

/// Only against hanging for ever: nothing is measured.
inline constexpr std::chrono::seconds patience{300};

/// Bundled files that the tests of the engine service open.
inline const std::filesystem::path assets = LACT_ASSETS_DIR;
inline const std::filesystem::path weights_file = assets / "weights/general.safetensors";
inline const std::filesystem::path bouquet = assets / "scenes/bouquet";
inline const std::filesystem::path parcel = assets / "scenes/parcel";

}  // namespace lact::app::test
