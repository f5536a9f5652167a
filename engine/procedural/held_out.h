#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace lact {

/// Training draws its seeds below this number, the held-out set holds seeds from it on with room between:
/// no world is ever both trained on and measured.
inline constexpr std::uint64_t training_seed_end = 90'000'000;
/// The first seed that a held-out file may name.
inline constexpr std::uint64_t held_out_seed_begin = 90'500'000;

/// The generated worlds that weights are measured on, fixed before any training.
struct HeldOut {
    int generator_version = 0;
    std::vector<std::uint64_t> object;  ///< Seeds for WorldFamily::object.
    std::vector<std::uint64_t> scene;   ///< Seeds for WorldFamily::scene.
};

/// Reads a held-out file (assets/heldout.json). Errors: no JSON, a field missing or of the wrong kind, a list
/// that is empty, a seed that is no whole number from held_out_seed_begin on or that stands there twice,
/// another generator's version than this program's.
[[nodiscard]] Result<HeldOut> read_held_out(const std::filesystem::path& path);

}  // namespace lact
