#pragma once

#include "engine/procedural/materials.h"
#include "engine/procedural/outline.h"
#include "engine/procedural/random.h"
#include "engine/procedural/world.h"
#include "engine/procedural/world_family.h"

namespace lact {

/// Puts parts into a world. Compositions are written with it: x is forward, y left, z up.
class Builder {
  public:
    Builder(World& world, Random& random, MaterialStyle style = MaterialStyle::any);

    [[nodiscard]] Random& random() { return random_; }
    [[nodiscard]] World& world() { return world_; }
    [[nodiscard]] const Theme& theme() const { return theme_; }
    [[nodiscard]] std::size_t count() const { return world_.parts.size(); }
    [[nodiscard]] bool full() const { return count() + 2 >= max_parts; }
    [[nodiscard]] Part& part(std::size_t i) { return world_.parts[i]; }

    /// Number of a new material.
    std::uint32_t material(const Material& material);
    /// One of the object's materials, or now and then a new one in its theme.
    std::uint32_t some_material();
    /// A new one of one colour, from the theme or given.
    std::uint32_t plain();
    std::uint32_t plain(const Vec3f& color);

    /// Adds a part and returns its number. The functions below set what they name.
    std::size_t add(ShapeKind shape, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                    const Mat3f& rotation = {});
    std::size_t add_frustum(const Vec3f& center, const Vec3f& size, float top, std::uint32_t material,
                            const Mat3f& rotation = {});
    std::size_t add_lathe(LatheKind kind, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                          const Mat3f& rotation = {});
    std::size_t add_flat(FlatKind kind, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                         const Mat3f& rotation = {});
    /// A ring or handle: `outer` radius, `tube` radius; `keep_above`: x (in outer radii) below it is cut
    /// away.
    std::size_t add_torus(const Vec3f& center, float outer, float tube, std::uint32_t material,
                          const Mat3f& rotation = {}, float keep_above = -2);
    /// A box with rounded edges, or more so: a pillow, a stone.
    std::size_t add_rounded(const Vec3f& center, const Vec3f& size, std::uint32_t material,
                            const Mat3f& rotation = {});
    std::size_t add_displaced(const Vec3f& center, const Vec3f& size, float strength, std::uint32_t material,
                              const Mat3f& rotation = {});
    /// A straight limb from one point to another: cylinder, cone, capsule, or bar, by chance.
    std::size_t add_limb(const Vec3f& from, const Vec3f& to, float radius, std::uint32_t material);
    /// A cylinder, or with `square` a bar, from one point to another.
    std::size_t add_rod(const Vec3f& from, const Vec3f& to, float radius, std::uint32_t material,
                        bool square = false);
    /// Any shape about as large as `size`, in proportions of its own.
    std::size_t add_any(const Vec3f& center, float size, std::uint32_t material, const Mat3f& rotation = {});
    /// Sets the outline of a lathe or extrusion.
    void set_outline(std::size_t part, const Outline& outline);
    /// Holes that suit the part, if its shape can have any.
    void give_holes(std::size_t part);

    /// Adds the mirror images (in the plane through the origin across `axis`) of parts [from, count()).
    void mirror(std::size_t from, int axis);
    /// Adds `times - 1` copies of parts [from, count()), turned about z.
    void repeat_around(std::size_t from, int times);
    /// Rotates all parts from `from` about `pivot`.
    void turn(std::size_t from, const Mat3f& rotation, const Vec3f& pivot = {});
    void move(std::size_t from, const Vec3f& by);
    /// Buttons, knobs, spots: small parts on the surface of a larger one.
    void attach_small(std::size_t part);

    /// Prints a mark on the last part, in its frame, where `normal` leaves it; `at` on that side in [-1, 1].
    void decal_on(std::size_t part, DecalKind kind, const Vec3f& normal, const Vec3f& up, float at_right,
                  float at_up, float half_width, float half_height);
    void decal(DecalKind kind, const Vec3f& normal, const Vec3f& up, float at_right, float at_up,
               float half_width, float half_height);
    void decal_colors(const Vec3f& first, const Vec3f& second, const Vec3f& third);
    /// One to three marks of any kind on the last part, or on the part of that number if it has none yet.
    void random_decals();
    void random_decals(std::size_t part);
    /// A side of a printed box: a ground, a picture, a title, lines of text.
    void print_side(int axis, float side);

  private:
    World& world_;
    Random& random_;
    Theme theme_;
    std::vector<std::uint32_t> materials_;
};

/// Sets `bound_radius` of all parts.
void set_bounds(World& world);
/// The box around all parts, as tight as their shapes allow without marching.
struct Extent {
    Vec3f low;
    Vec3f high;
};
[[nodiscard]] Extent extent_of(const World& world);

// Compositions: each builds one object of any size around the origin.
void build_figure(Builder& builder);
void build_animal(Builder& builder);
void build_vehicle(Builder& builder);
void build_furniture(Builder& builder);
void build_vessel(Builder& builder);
void build_boxes(Builder& builder);
void build_tool(Builder& builder);
void build_radial(Builder& builder);
void build_cage(Builder& builder);
void build_shoe(Builder& builder);
void build_food(Builder& builder);
void build_plant(Builder& builder);
void build_device(Builder& builder);
void build_house(Builder& builder);
void build_single(Builder& builder);
void build_tree(Builder& builder);
void build_stack(Builder& builder);
void build_cluster(Builder& builder);
void build_blocks(Builder& builder);
void build_car(Builder& builder);
void build_van(Builder& builder);
void build_truck(Builder& builder);
void build_tractor(Builder& builder);
void build_plane(Builder& builder);

}  // namespace lact
