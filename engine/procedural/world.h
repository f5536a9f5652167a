#pragma once

#include "engine/procedural/vector.h"
#include "engine/procedural/world_family.h"

#include <array>
#include <cstdint>
#include <vector>

namespace lact {

/// How all families are drawn: weights say which version they were trained on. Frozen: whatever changes an
/// image of any seed of every family raises this number, with new held-out lists, on which old weights are
/// measured again. What changes one family alone raises that family's version (WorldFamily).
inline constexpr int generator_version = 1;

// A world is plain numbers: everything below could lie in a storage buffer, and shapes and materials use only
// arithmetic that shaders do alike (fixed counts of steps, integer hashes, square roots).

/// Shapes fill [-1, 1]^3 of their own frame (z is the axis of those that have one).
enum class ShapeKind : std::uint32_t {
    box,
    ellipsoid,     ///< The unit sphere.
    frustum,       ///< A cone cut off: radius 1 at z = -1, numbers[0] at z = 1 (1: cylinder, 0: cone).
    torus,         ///< Tube radius numbers[0] around the axis, outer radius 1; x below numbers[1] cut away.
    superquadric,  ///< |x|^a + |y|^b + |z|^c = 1, exponents numbers[0..2] of 2, 3, 4, 6, 8.
    lathe,         ///< A closed outline of (radius, z) turned about z.
    extrusion,     ///< A closed outline of (x, y) between z = -1 and 1.
    displaced,  ///< A sphere with three waves: amplitudes [0..2], frequencies [3..5], phases [6..8] in turns.
};

/// One edge of an outline from (x0, y0) to (x1, y1), counter-clockwise, with the normals at its ends.
struct OutlineEdge {
    float x0 = 0;
    float y0 = 0;
    float x1 = 0;
    float y1 = 0;
    float nx0 = 0;
    float ny0 = 0;
    float nx1 = 0;
    float ny1 = 0;
};

enum class HoleKind : std::uint32_t { none, round, rectangular };

/// Columns along the part's z that are taken away: one hole, a frame, or a whole grid of them. They must lie
/// inside the shape seen along z. Not for torus, lathe and displaced.
struct Holes {
    HoleKind kind = HoleKind::none;
    int columns = 1;       ///< Number along x.
    int rows = 1;          ///< Number along y.
    float half_width = 0;  ///< Of the whole grid, in the part's own frame.
    float half_height = 0;
    float fill_x = 0.5F;  ///< The hole's share of its cell along x.
    float fill_y = 0.5F;
    float floor = -2;  ///< Below this z nothing is taken away; below -1 the holes go through.
};

struct Part {
    ShapeKind shape = ShapeKind::box;
    std::uint32_t material = 0;
    std::uint32_t first_edge = 0;  ///< Of the outline, for lathe and extrusion.
    std::uint32_t edge_count = 0;
    std::uint32_t first_decal = 0;
    std::uint32_t decal_count = 0;
    Vec3f center;
    Mat3f rotation;          ///< From the part's frame to the world.
    Vec3f size;              ///< Half extents; a negative one mirrors the shape.
    float bound_radius = 0;  ///< Of a sphere around `center` that holds the part.
    std::array<float, 9> numbers{};
    Holes holes;
};

enum class MaterialKind : std::uint32_t {
    solid,
    gradient,
    stripes,
    soft_stripes,
    checks,
    dots,
    patches,     ///< Cells of one colour each.
    clouds,      ///< Noise between two colours.
    camouflage,  ///< Thresholded noise of three colours.
    marble,
    wood,
    speckles,
    photo,  ///< Smooth noise in every colour, as photographs have it.
    plaid,
    bricks,
    faces,  ///< A colour for every side of a box.
    label,  ///< Bands along z, one with a row of marks around the axis.
    rings,  ///< Concentric about the part's z axis.
};

struct Material {
    MaterialKind kind = MaterialKind::solid;
    std::uint32_t seed = 0;
    std::array<Vec3f, 4> color{};  ///< RGB in [0, 1] as displayed.
    Vec3f direction{0, 0, 1};
    Vec3f offset;
    float frequency = 1;  ///< Per unit of length.
    float threshold = 0.5F;
    float grain = 0;     ///< Strength of fine noise in the brightness.
    float specular = 0;  ///< Strength of highlights.
    float hardness = 0;  ///< Of highlights: number of times that the cosine is squared.
};

enum class DecalKind : std::uint32_t {
    disc,
    ring,
    rectangle,
    frame,
    cross,
    star,
    triangle,
    heart,
    letter,  ///< `seed` chooses one of 36 letters and digits.
    text,    ///< Rows of letters.
    lines,   ///< Rows of grey text seen from afar.
    barcode,
    stripes,
    checks,
    eye,
    smile,
    image,   ///< A small picture: smooth colours, a horizon, discs.
    window,  ///< Panes with a cross.
};

/// A flat mark printed on a part along `normal`, in the part's frame with its sizes applied.
struct Decal {
    DecalKind kind = DecalKind::disc;
    std::uint32_t seed = 0;
    Vec3f center;
    Vec3f right;  ///< Unit vectors; `up` x `right` does not matter.
    Vec3f up;
    Vec3f normal;
    float half_width = 0.1F;
    float half_height = 0.1F;
    std::array<Vec3f, 3> color{};
};

struct Light {
    Vec3f direction{0, 0, 1};  ///< Towards the light, of length 1.
    Vec3f color;
};

struct Lighting {
    Vec3f ambient{1, 1, 1};
    Vec3f sky;  ///< Added in full where a surface looks up, not at all where it looks down.
    Light key;
    Light fill;
    float shadow = 0;  ///< The share of the key light that a shadow takes.
};

enum class Surroundings : std::uint32_t {
    white,   ///< Nothing: the mask is 0.
    ground,  ///< The plane z = ground_height and a dome far away.
    room,    ///< The inside of a box.
};

struct Background {
    Surroundings kind = Surroundings::white;
    float ground_height = -1;
    std::uint32_t ground_material = 0;
    std::array<Vec3f, 3> dome{};  ///< Colours below, at, and above the horizon.
    std::uint32_t dome_seed = 0;
    float dome_hills = 0;  ///< Height of a skyline, as the tangent of its elevation.
    Vec3f room_min{-3, -3, -1};
    Vec3f room_max{3, 3, 2};
    std::array<std::uint32_t, 6> room_material{};  ///< For -x, +x, -y, +y, floor, ceiling.
};

/// Where the cameras of a world stand, before any normalisation.
struct CameraRig {
    Vec3f target;
    float radius = 2.7F;
    float radius_spread = 0;       ///< Relative, per view.
    float half_tangent = 0.4663F;  ///< Of half the field of view.
    float tangent_spread = 0;      ///< Relative, per view.
    float min_sine = -0.17F;       ///< Sine of the elevations.
    float max_sine = 0.98F;
    float azimuth = 0;          ///< Of the first view, in turns.
    float azimuth_range = 1;    ///< In turns.
    float shift = 0;            ///< Largest shift of the principal point, in picture widths.
    float wander = 0;           ///< Largest shift of the point looked at.
    float roll = 0;             ///< Largest rotation about the optical axis, in turns.
    std::uint32_t outward = 0;  ///< 1: looks away from the target instead of at it.
    float step_aside = 0;       ///< Largest shift of the position.
};

struct World {
    WorldKind kind = WorldKind::object;
    std::vector<Part> parts;
    std::vector<OutlineEdge> edges;
    std::vector<Material> materials;
    std::vector<Decal> decals;
    Lighting lighting;
    Background background;
    CameraRig rig;
};

/// What a world may hold at most.
inline constexpr std::size_t max_parts = 64;  ///< Of an object.
inline constexpr std::size_t max_scene_parts = 192;
inline constexpr std::size_t max_edges_of_part = 24;

/// The world of a family's seed, the same to the bit on every machine.
[[nodiscard]] World make_world(const WorldFamily& family, std::uint64_t seed);

}  // namespace lact
