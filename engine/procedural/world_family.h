#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// One object on white (with a mask), or a scene without a mask: objects on textured ground under a dome, or
/// in a room.
enum class WorldKind { object, scene };

/// Training uses seeds below training_seed_end, held-out lists use seeds from held_out_seed_begin on: no
/// world is used for both.
inline constexpr std::uint64_t training_seed_end = 90'000'000;
inline constexpr std::uint64_t held_out_seed_begin = 90'500'000;

/// A uniform distribution over [low, high].
struct ValueRange {
    float low = 0;
    float high = 0;
};

/// An object class ("car") and its relative frequency.
struct ClassWeight {
    std::string name;
    int weight = 1;
};

/// Materials of parts for which the object class chooses none.
enum class MaterialStyle {
    any,    ///< All themes, patterns and gloss.
    plain,  ///< Saturated colours without pattern or gloss.
};

/// Half of the longest side of objects, in world units.
struct ExtentStyle {
    ValueRange usual{0.85F, 1.0F};
    float usual_chance = 0.75F;
    ValueRange other{0.65F, 0.9F};
    float largest_diagonal = 2.7F;
};

/// Probabilities of the rotation of a finished object. Unless `unturned` applies, it also gets a random
/// heading.
struct RotationStyle {
    float any = 0;       ///< Any rotation.
    float tipped = 0;    ///< Lying on one side.
    float unturned = 1;  ///< Heads along +x.
};

/// Ambient, sky and key light without shadow; the heading of the key light is random.
struct LightStyle {
    ValueRange ambient;
    ValueRange sky;
    ValueRange key;
    ValueRange key_height;  ///< z of the unit direction towards the light.
    float warmth = 0;       ///< Largest relative difference between red and blue.
};

/// Cameras that look at the origin. All ranges except radius_spread are drawn per scene, not per view.
struct CameraStyle {
    ValueRange radius;
    ValueRange half_tangent;  ///< Tangent of half the field of view.
    ValueRange lowest_sine;   ///< Sine of the lowest elevation.
    ValueRange highest_sine;
    float radius_spread = 0;  ///< Relative, per view.
};

/// A named distribution of generated worlds, as described by assets/families/*.json. A family with its
/// version is frozen: any change to the world of any seed increments the version, makes a new held-out list,
/// and requires existing weights to be evaluated on it.
struct WorldFamily {
    std::string name;
    int version = 1;
    std::string title;        ///< One line for the user.
    std::string source;       ///< The argument that finds it with find_family(): its name, or its file.
    std::string fingerprint;  ///< Hash of the JSON: families with different hashes have different worlds.
    WorldKind kind = WorldKind::object;

    // For WorldKind::object.
    std::vector<ClassWeight> classes;
    MaterialStyle materials = MaterialStyle::any;
    float decals = 0;       ///< Probability of additional decals.
    float attachments = 0;  ///< Probability of small attached parts.
    RotationStyle rotation;
    ExtentStyle extent;
    std::optional<LightStyle> light;     ///< None: random_lighting().
    std::optional<CameraStyle> cameras;  ///< None: object_rig().

    std::vector<std::uint64_t> held_out;  ///< Seeds used for evaluation only.
};

/// The built-in families (assets/families). They live as long as the program.
[[nodiscard]] const WorldFamily& general_family();
[[nodiscard]] const WorldFamily& scenes_family();
[[nodiscard]] const WorldFamily& vehicles_family();
[[nodiscard]] std::vector<const WorldFamily*> built_in_families();

/// Finds a family by name ("vehicles"; "object" and "scene" are older names of general and scenes) or by the
/// path of a JSON file. The pointer stays valid as long as the program; equal files give the same one.
/// Errors: no such name or file; a field that is missing, unknown, of the wrong type or out of range.
[[nodiscard]] Result<const WorldFamily*> find_family(std::string_view name_or_file);

/// Parses a family from JSON text; `where` names it in errors. `source` stays empty.
[[nodiscard]] Result<WorldFamily> parse_family(std::string_view text, const std::string& where);

}  // namespace lact
