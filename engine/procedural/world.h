#pragma once

#include "engine/procedural/exact_math.h"
#include "engine/procedural/world_family.h"

#include <array>
#include <cstdint>
#include <vector>

namespace lact {

/// Version of the generator, which the metadata of weights records. Frozen: any change to an image of any
/// seed of every family increments it, with new held-out lists, on which existing weights are evaluated
/// again. A change to one family only increments the version of that family (WorldFamily).
inline constexpr int generator_version = 1;

// A world is plain numbers that fit a storage buffer. Shapes and materials use only arithmetic that shaders
// reproduce (fixed numbers of steps, integer hashes, square roots).

/// Shapes fill [-1, 1]^3 of their frame; z is the axis of symmetric ones.
enum class ShapeKind : std::uint32_t {
    box,
    ellipsoid,     ///< The unit sphere.
    frustum,       ///< A truncated cone: radius 1 at z = -1, numbers[0] at z = 1 (1: cylinder, 0: cone).
    torus,         ///< Tube radius numbers[0], outer radius 1; x below numbers[1] is cut off.
    superquadric,  ///< |x|^a + |y|^b + |z|^c = 1, exponents numbers[0..2] of 2, 3, 4, 6, 8.
    lathe,         ///< A closed outline of (radius, z), rotated about z.
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

/// Columns along z of the part that are removed: one hole, a frame, or a grid of holes. They must lie inside
/// the shape as seen along z. Not for torus, lathe and displaced.
struct Holes {
    HoleKind kind = HoleKind::none;
    int columns = 1;       ///< Number along x.
    int rows = 1;          ///< Number along y.
    float half_width = 0;  ///< Half width of the whole grid, in the frame of the part.
    float half_height = 0;
    float fill_x = 0.5F;  ///< Fraction of the cell width that the hole takes.
    float fill_y = 0.5F;
    float floor = -2;  ///< Lower end of the holes; below -1 they go through.
};

struct Part {
    ShapeKind shape = ShapeKind::box;
    std::uint32_t material = 0;
    std::uint32_t first_edge = 0;  ///< First edge of the outline, for lathe and extrusion.
    std::uint32_t edge_count = 0;
    std::uint32_t first_decal = 0;
    std::uint32_t decal_count = 0;
    Vec3f center;
    Mat3f rotation;          ///< From the part's frame to the world.
    Vec3f size;              ///< Half extents; a negative one mirrors the shape.
    float bound_radius = 0;  ///< Radius of a bounding sphere around `center`.
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
    photo,  ///< Smooth noise over all colours, like a blurred photograph.
    plaid,
    bricks,
    faces,  ///< One colour per side of a box.
    label,  ///< Bands along z, one with a row of shapes around the axis.
    rings,  ///< Concentric about the z axis of the part.
};

struct Material {
    MaterialKind kind = MaterialKind::solid;
    std::uint32_t seed = 0;
    std::array<Vec3f, 4> color{};  ///< Display RGB (sRGB values) in [0, 1].
    Vec3f direction{0, 0, 1};
    Vec3f offset;
    float frequency = 1;  ///< Periods per unit length.
    float threshold = 0.5F;
    float grain = 0;     ///< Amplitude of fine noise in the brightness.
    float specular = 0;  ///< Strength of highlights.
    float hardness = 0;  ///< Of highlights: number of squarings of the cosine.
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
    lines,   ///< Grey lines, like distant text.
    barcode,
    stripes,
    checks,
    eye,
    smile,
    image,   ///< A small image: smooth colours, a horizon, discs.
    window,  ///< Panes with a cross.
};

/// A flat decal, projected onto a part along `normal`, in the frame of the part with its sizes applied.
struct Decal {
    DecalKind kind = DecalKind::disc;
    std::uint32_t seed = 0;
    Vec3f center;
    Vec3f right;  ///< Unit length, as `up` and `normal`; the handedness is free.
    Vec3f up;
    Vec3f normal;
    float half_width = 0.1F;
    float half_height = 0.1F;
    std::array<Vec3f, 3> color{};
};

struct Light {
    Vec3f direction{0, 0, 1};  ///< Towards the light, unit length.
    Vec3f color;
};

struct Lighting {
    Vec3f ambient{1, 1, 1};
    Vec3f sky;  ///< Weighted from 1 for surfaces that face up to 0 for those that face down.
    Light key;
    Light fill;
    float shadow = 0;  ///< Fraction of the key light that a shadow removes.
};

enum class Surroundings : std::uint32_t {
    white,   ///< No background: the mask is 0.
    ground,  ///< The plane z = ground_height and a distant dome.
    room,    ///< The inside of a box.
};

struct Background {
    Surroundings kind = Surroundings::white;
    float ground_height = -1;
    std::uint32_t ground_material = 0;
    std::array<Vec3f, 3> dome{};  ///< Colours below, at, and above the horizon.
    std::uint32_t dome_seed = 0;
    float dome_hills = 0;  ///< Height of the skyline, as the tangent of its elevation.
    Vec3f room_min{-3, -3, -1};
    Vec3f room_max{3, 3, 2};
    std::array<std::uint32_t, 6> room_material{};  ///< For -x, +x, -y, +y, floor, ceiling.
};

/// Distribution of the cameras of a world, before normalisation.
struct CameraRig {
    Vec3f target;
    float radius = 2.7F;
    float radius_spread = 0;       ///< Relative, per view.
    float half_tangent = 0.4663F;  ///< Tangent of half the field of view.
    float tangent_spread = 0;      ///< Relative, per view.
    float min_sine = -0.17F;       ///< Sine of the lowest elevation; max_sine of the highest.
    float max_sine = 0.98F;
    float azimuth = 0;          ///< Of the first view, in turns.
    float azimuth_range = 1;    ///< In turns.
    float shift = 0;            ///< Largest shift of the principal point, in image widths.
    float wander = 0;           ///< Largest shift of the point that the camera looks at.
    float roll = 0;             ///< Largest rotation about the optical axis, in turns.
    std::uint32_t outward = 0;  ///< 1: looks away from the target instead of at it.
    float step_aside = 0;       ///< Largest shift of the camera position.
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

/// Limits of a world.
inline constexpr std::size_t max_parts = 64;  ///< Parts of an object.
inline constexpr std::size_t max_scene_parts = 192;
inline constexpr std::size_t max_edges_of_part = 24;

}  // namespace lact
