#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// One object before white (with a mask), or a whole scene without a mask: objects on textured ground before
/// a background dome, or a room.
enum class WorldKind { object, scene };

/// Training draws its seeds below this number, held-out lists hold seeds from `held_out_seed_begin` on: no
/// world is ever both trained on and measured.
inline constexpr std::uint64_t training_seed_end = 90'000'000;
inline constexpr std::uint64_t held_out_seed_begin = 90'500'000;

/// A uniform distribution over [low, high].
struct ValueRange {
    float low = 0;
    float high = 0;
};

/// An object class ("car") and how often it is drawn relative to the others.
struct ClassWeight {
    std::string name;
    int weight = 1;
};

/// Which materials the parts of an object get where its class does not choose them.
enum class MaterialStyle {
    any,    ///< Every theme, pattern and gloss.
    plain,  ///< Saturated colours without pattern or gloss.
};

/// How large objects are: half of the longest side, in world units.
struct ExtentStyle {
    ValueRange usual{0.85F, 1.0F};
    float usual_chance = 0.75F;
    ValueRange other{0.65F, 0.9F};
    float largest_diagonal = 2.7F;
};

/// Probabilities of the rotation of a finished object. Unless `unturned`, it also gets a random heading.
struct RotationStyle {
    float any = 0;       ///< Any rotation.
    float tipped = 0;    ///< Lying on one side.
    float unturned = 1;  ///< Heads along +x.
};

/// Ambient, sky and key light without a shadow; the heading of the key light is random.
struct LightStyle {
    ValueRange ambient;
    ValueRange sky;
    ValueRange key;
    ValueRange key_height;  ///< z of the direction towards the light.
    float warmth = 0;       ///< Largest relative difference between red and blue.
};

/// Cameras that look at the origin; every range but the last is of the scene, not of the view.
struct CameraStyle {
    ValueRange radius;
    ValueRange half_tangent;  ///< Of half the field of view.
    ValueRange lowest_sine;   ///< Sine of the lowest elevation.
    ValueRange highest_sine;
    float radius_spread = 0;  ///< Relative, per view.
};

/// A named distribution of generated worlds, as assets/families/*.json describe it. A family with its version
/// is frozen: whatever changes the world of any seed raises the version, makes a new held-out list, and has
/// old weights measured on it again.
struct WorldFamily {
    std::string name;
    int version = 1;
    std::string title;        ///< One line for people.
    std::string source;       ///< What find_family() finds it by: its name, or the file it was read from.
    std::string fingerprint;  ///< Of all that the JSON says: another one means other worlds.
    WorldKind kind = WorldKind::object;

    // Of objects.
    std::vector<ClassWeight> classes;
    MaterialStyle materials = MaterialStyle::any;
    float decals = 0;       ///< Probability that bare parts get decals.
    float attachments = 0;  ///< Probability that parts get small parts attached.
    RotationStyle rotation;
    ExtentStyle extent;
    std::optional<LightStyle> light;     ///< None: from flat to hard, any direction (random_lighting()).
    std::optional<CameraStyle> cameras;  ///< None: as captures of real objects have them (object_rig()).

    std::vector<std::uint64_t> held_out;  ///< Seeds that are only measured on.
};

/// Today's families, built into the program from assets/families. They live as long as the program.
[[nodiscard]] const WorldFamily& general_family();
[[nodiscard]] const WorldFamily& scenes_family();
[[nodiscard]] const WorldFamily& vehicles_family();
[[nodiscard]] std::vector<const WorldFamily*> built_in_families();

/// A family by its name ("vehicles"; "object" and "scene" are older names of general and scenes) or by the
/// path of a JSON file. The pointer stays valid as long as the program; equal files give the same one.
/// Errors: no such name or file; a field that is missing, unknown, of the wrong kind or out of range.
[[nodiscard]] Result<const WorldFamily*> find_family(std::string_view name_or_file);

/// A family from JSON text; `where` names it in errors. `source` stays empty.
[[nodiscard]] Result<WorldFamily> parse_family(std::string_view text, const std::string& where);

}  // namespace lact
