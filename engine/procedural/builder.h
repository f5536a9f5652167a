#pragma once

#include "engine/procedural/materials.h"
#include "engine/procedural/outline.h"
#include "engine/procedural/random.h"
#include "engine/procedural/world.h"
#include "engine/procedural/world_family.h"

namespace lact {

/// Adds parts to a world. Object classes are written with it: x is forward, y left, z up.
class Builder {
  public:
    Builder(World& world, Random& random, MaterialStyle style = MaterialStyle::any);

    [[nodiscard]] Random& random() { return random_; }
    [[nodiscard]] World& world() { return world_; }
    [[nodiscard]] const Theme& theme() const { return theme_; }
    [[nodiscard]] std::size_t count() const { return world_.parts.size(); }
    [[nodiscard]] bool full() const { return count() + 2 >= max_parts; }
    [[nodiscard]] Part& part(std::size_t i) { return world_.parts[i]; }

    /// Adds a material and returns its index.
    std::uint32_t material(const Material& material);
    /// One of the object's materials or, at random, a new one of its theme.
    std::uint32_t some_material();
    /// A new material of one colour, from the theme or given.
    std::uint32_t plain();
    std::uint32_t plain(const Vec3f& color);

    /// Adds a part and returns its index. The functions below set the members that their parameters name.
    std::size_t add(ShapeKind shape, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                    const Mat3f& rotation = {});
    std::size_t add_frustum(const Vec3f& center, const Vec3f& size, float top, std::uint32_t material,
                            const Mat3f& rotation = {});
    std::size_t add_lathe(LatheKind kind, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                          const Mat3f& rotation = {});
    std::size_t add_flat(FlatKind kind, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                         const Mat3f& rotation = {});
    /// A ring or handle with radius `outer` and tube radius `tube`; the part with x below `keep_above` (in
    /// units of `outer`) is cut off.
    std::size_t add_torus(const Vec3f& center, float outer, float tube, std::uint32_t material,
                          const Mat3f& rotation = {}, float keep_above = -2);
    /// A box with rounded edges, up to the shape of a pillow or a stone.
    std::size_t add_rounded(const Vec3f& center, const Vec3f& size, std::uint32_t material,
                            const Mat3f& rotation = {});
    std::size_t add_displaced(const Vec3f& center, const Vec3f& size, float strength, std::uint32_t material,
                              const Mat3f& rotation = {});
    /// A straight limb between two points, at random a cylinder, cone, capsule or bar.
    std::size_t add_limb(const Vec3f& from, const Vec3f& to, float radius, std::uint32_t material);
    /// A cylinder, or with `square` a bar, between two points.
    std::size_t add_rod(const Vec3f& from, const Vec3f& to, float radius, std::uint32_t material,
                        bool square = false);
    /// A random shape of about `size` with random proportions.
    std::size_t add_any(const Vec3f& center, float size, std::uint32_t material, const Mat3f& rotation = {});
    /// Sets the outline of a lathe or extrusion.
    void set_outline(std::size_t part, const Outline& outline);
    /// Adds random holes if the shape of the part supports them.
    void give_holes(std::size_t part);

    /// Adds the mirror images of parts [from, count()) in the plane through the origin perpendicular to
    /// `axis`.
    void mirror(std::size_t from, int axis);
    /// Adds `times - 1` copies of parts [from, count()), rotated about z.
    void repeat_around(std::size_t from, int times);
    /// Rotates parts [from, count()) about `pivot`.
    void turn(std::size_t from, const Mat3f& rotation, const Vec3f& pivot = {});
    void move(std::size_t from, const Vec3f& by);
    /// Attaches small parts (buttons, knobs, spots) to the surface of a larger one.
    void attach_small(std::size_t part);

    /// Adds a decal to the last part where `normal`, in the frame of the part, leaves its surface;
    /// `at_right` and `at_up` in [-1, 1] place it on that side.
    void decal_on(std::size_t part, DecalKind kind, const Vec3f& normal, const Vec3f& up, float at_right,
                  float at_up, float half_width, float half_height);
    void decal(DecalKind kind, const Vec3f& normal, const Vec3f& up, float at_right, float at_up,
               float half_width, float half_height);
    void decal_colors(const Vec3f& first, const Vec3f& second, const Vec3f& third);
    /// One to three random decals on the last part, or on a given part that has none.
    void random_decals();
    void random_decals(std::size_t part);
    /// The decals of one side of a printed box: ground, image, title and lines of text.
    void print_side(int axis, float side);

  private:
    World& world_;
    Random& random_;
    Theme theme_;
    std::vector<std::uint32_t> materials_;
};

/// Computes `bound_radius` of all parts.
void set_bounds(World& world);
/// The bounding box of all parts, as tight as possible without ray marching.
struct Extent {
    Vec3f low;
    Vec3f high;
};
[[nodiscard]] Extent extent_of(const World& world);

}  // namespace lact
