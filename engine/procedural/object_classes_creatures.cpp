// Figures and animals: bodies with heads, limbs and faces.
#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_classes.h"

namespace lact {
namespace {

/// Adds eyes, a mouth and possibly a nose to the last part, `head`, which faces +x.
void add_face(Builder& b, std::size_t head, float size) {
    Random& random = b.random();
    const Vec3f center = b.part(head).center;
    const Vec3f reach = absolute(b.part(head).size);
    const float apart = random.range(0.25F, 0.5F);
    const float height = random.range(-0.05F, 0.4F);
    const float eye = size * random.range(0.12F, 0.26F);
    const bool printed = random.chance(0.55F);
    const Vec3f white{0.97F, 0.97F, 0.97F};
    const Vec3f black{0.05F, 0.05F, 0.06F};
    const Vec3f iris = random_color(random);
    if (printed) {
        b.decal(DecalKind::eye, {1, 0, 0}, {0, 0, 1}, apart, height, eye, eye * 1.2F);
        b.decal_colors(white, iris, black);
        b.decal(DecalKind::eye, {1, 0, 0}, {0, 0, 1}, -apart, height, eye, eye * 1.2F);
        b.decal_colors(white, iris, black);
    }
    if (random.chance(0.75F)) {
        b.decal(DecalKind::smile, {1, 0, 0}, {0, 0, 1}, 0, random.range(-0.6F, -0.3F), size * 0.45F,
                size * 0.2F);
        b.decal_colors(random.chance(0.5F) ? black : Vec3f{0.75F, 0.15F, 0.15F}, white, black);
    }
    const float front = std::sqrt(larger(0.05F, 1 - apart * apart - height * height));
    if (!printed) {
        const bool googly = random.chance(0.5F);
        const std::uint32_t ball = b.plain(googly ? white : black);
        for (const float side : {-1.0F, 1.0F}) {
            const Vec3f at = center + Vec3f{front, side * apart, height} * reach;
            b.add(ShapeKind::ellipsoid, at, {eye * 0.7F, eye, eye}, ball);
            if (googly) {
                b.decal(DecalKind::disc, {1, 0, 0}, {0, 0, 1}, 0, 0, eye * 0.55F, eye * 0.55F);
                b.decal_colors(black, black, black);
            }
        }
    }
    if (random.chance(0.5F)) {
        const float nose = size * random.range(0.1F, 0.22F);
        const std::uint32_t m = b.plain();
        const Vec3f at = center + Vec3f{reach.x, 0, -0.05F * reach.z};
        if (random.chance(0.6F)) {
            b.add(ShapeKind::ellipsoid, at, {nose, nose, nose}, m);
        } else {
            b.add_frustum(at + Vec3f{nose, 0, 0}, {nose * 0.7F, nose * 0.7F, nose * 1.6F}, 0.05F, m,
                          rotation_of_z_to({1, 0, 0}));
        }
    }
}

std::size_t add_head(Builder& b, const Vec3f& center, float size, std::uint32_t material) {
    Random& random = b.random();
    const float u = random.unit();
    const Vec3f half{size * random.range(0.8F, 1.1F), size * random.range(0.8F, 1.2F),
                     size * random.range(0.8F, 1.2F)};
    if (u < 0.5F) {
        return b.add(ShapeKind::ellipsoid, center, half, material);
    }
    if (u < 0.75F) {
        return b.add_rounded(center, half, material);
    }
    if (u < 0.87F) {
        return b.add(ShapeKind::box, center, half * 0.85F, material);
    }
    return b.add_frustum(center, half * 0.85F, random.range(0.6F, 1), material);
}

void add_ears(Builder& b, std::size_t head, float size, std::uint32_t material) {
    Random& random = b.random();
    const Vec3f center = b.part(head).center;
    const Vec3f reach = absolute(b.part(head).size);
    const std::size_t from = b.count();
    const float lean = random.range(0.2F, 0.8F);
    const float tall = size * random.octaves(-1.8F, 0.1F);
    const Vec3f root = center + Vec3f{0, reach.y * lean, reach.z * 0.85F};
    const Mat3f tilt = rotation_of_z_to({random.range(-0.2F, 0.2F), lean, 1});
    if (random.chance(0.6F)) {
        b.add(ShapeKind::ellipsoid, root + tilt * Vec3f{0, 0, tall * 0.6F}, {size * 0.12F, size * 0.3F, tall},
              material, tilt);
    } else {
        b.add_frustum(root + tilt * Vec3f{0, 0, tall * 0.6F}, {size * 0.3F, size * 0.3F, tall}, 0.05F,
                      material, tilt);
    }
    b.mirror(from, 1);
}

void add_hat(Builder& b, std::size_t head, float size) {
    Random& random = b.random();
    const Vec3f top = b.part(head).center + Vec3f{0, 0, absolute(b.part(head).size).z * 0.75F};
    const std::uint32_t m = b.some_material();
    const float u = random.unit();
    if (u < 0.3F) {
        b.add_frustum(top + Vec3f{0, 0, size * 0.6F}, {size * 0.8F, size * 0.8F, size * 0.7F}, 0.03F, m);
        if (random.chance(0.5F)) {
            const std::uint32_t ball = b.plain();
            b.add(ShapeKind::ellipsoid, top + Vec3f{0, 0, size * 1.3F},
                  {size * 0.2F, size * 0.2F, size * 0.2F}, ball);
        }
    } else if (u < 0.65F) {
        b.add_frustum(top + Vec3f{0, 0, size * 0.1F}, {size * 1.35F, size * 1.35F, size * 0.08F}, 1, m);
        b.add_frustum(top + Vec3f{0, 0, size * 0.45F}, {size * 0.8F, size * 0.8F, size * 0.45F},
                      random.range(0.6F, 1), m);
    } else if (u < 0.85F) {
        b.add_lathe(LatheKind::dome, top + Vec3f{0, 0, size * 0.15F},
                    {size * 1.08F, size * 1.08F, size * 0.35F}, m);
    } else {
        const std::size_t from = b.count();
        const std::uint32_t hair = b.plain();
        const Vec3f root{size * 0.5F, 0, 0};
        b.add(ShapeKind::ellipsoid, root, {size * 0.35F, size * 0.35F, size * 0.25F}, hair);
        b.repeat_around(from, 5);
        b.move(from, top);
    }
}

std::size_t add_torso(Builder& b, const Vec3f& center, const Vec3f& half, std::uint32_t material) {
    Random& random = b.random();
    const float u = random.unit();
    if (u < 0.25F) {
        return b.add(ShapeKind::ellipsoid, center, half * 1.15F, material);
    }
    if (u < 0.5F) {
        return b.add_rounded(center, half * 1.05F, material);
    }
    if (u < 0.65F) {
        return b.add(ShapeKind::box, center, half * 0.95F, material);
    }
    if (u < 0.85F) {
        return b.add_frustum(center, half, random.range(0.4F, 1.1F), material);
    }
    const LatheKind kind = random.chance(0.5F) ? LatheKind::egg : LatheKind::vase;
    return b.add_lathe(kind, center, half * 1.1F, material);
}

void add_arm(Builder& b, const Vec3f& shoulder, float length_of_arm, float radius, std::uint32_t sleeve,
             std::uint32_t hand) {
    Random& random = b.random();
    const Vec3f upper{random.range(-0.5F, 0.9F), random.range(0.15F, 1.1F), random.range(-1, 0.8F)};
    const Vec3f elbow = shoulder + normalized(upper) * (length_of_arm * 0.5F);
    const Vec3f lower = normalized(upper) +
                        Vec3f{random.range(-0.2F, 1), random.range(-0.5F, 0.3F), random.range(-0.3F, 0.6F)};
    const Vec3f wrist = elbow + normalized(lower) * (length_of_arm * 0.5F);
    b.add_limb(shoulder, elbow, radius, sleeve);
    b.add_limb(elbow, wrist, radius * 0.9F, random.chance(0.5F) ? sleeve : hand);
    b.add(ShapeKind::ellipsoid, wrist, {radius * 1.35F, radius * 1.35F, radius * 1.35F}, hand);
}

}  // namespace

void build_figure(Builder& b) {
    Random& random = b.random();
    const std::uint32_t skin = b.plain(skin_color(random));
    const std::uint32_t skin_or_any = random.chance(0.6F) ? skin : b.some_material();
    const std::uint32_t coat = b.some_material();
    const std::uint32_t trousers = b.some_material();
    const float head = random.range(0.2F, 0.45F);
    const Vec3f torso{random.range(0.15F, 0.32F), random.range(0.2F, 0.42F), random.range(0.25F, 0.5F)};
    const float leg = random.range(0.2F, 0.7F);
    const bool legs = random.chance(0.8F);

    const std::size_t body = add_torso(b, {0, 0, 0}, torso, coat);
    if (random.chance(0.5F)) {
        b.random_decals();
    } else if (random.chance(0.5F)) {
        for (int i = 0; i < 3; ++i) {
            b.decal(DecalKind::disc, {1, 0, 0}, {0, 0, 1}, 0, 0.5F - 0.4F * static_cast<float>(i), 0.04F,
                    0.04F);
        }
    }
    const float neck = random.range(0.7F, 1.0F);
    const Vec3f at{random.range(0, 0.06F), 0, torso.z + head * neck};
    const std::size_t face = add_head(b, at, head, skin_or_any);
    add_face(b, face, head);
    if (random.chance(0.35F)) {
        add_ears(b, face, head, skin_or_any);
    }
    if (random.chance(0.55F)) {
        add_hat(b, face, head);
    }
    const float arm = random.range(0.4F, 0.9F);
    const float thickness = random.range(0.05F, 0.13F);
    const Vec3f shoulder{0, torso.y * 0.85F, torso.z * 0.7F};
    std::size_t from = b.count();
    add_arm(b, shoulder, arm, thickness, coat, skin_or_any);
    if (random.chance(0.5F)) {
        b.mirror(from, 1);
    } else {
        const std::size_t other = b.count();
        add_arm(b, shoulder, arm, thickness, coat, skin_or_any);
        b.mirror(other, 1);
        b.world().parts.erase(b.world().parts.begin() + static_cast<std::ptrdiff_t>(other),
                              b.world().parts.begin() + static_cast<std::ptrdiff_t>(other + 3));
    }
    if (legs) {
        from = b.count();
        const float radius = thickness * random.range(1, 1.5F);
        const Vec3f hip{0, torso.y * 0.5F, -torso.z * 0.85F};
        const Vec3f foot = hip + Vec3f{random.range(-0.15F, 0.2F), random.range(0, 0.1F), -leg};
        b.add_limb(hip, foot, radius, trousers);
        const std::uint32_t boots = b.plain();
        b.add_rounded(foot + Vec3f{radius * 0.7F, 0, 0}, {radius * 2, radius * 1.2F, radius * 0.9F}, boots);
        b.mirror(from, 1);
    } else {
        b.add_frustum({0, 0, -torso.z - leg * 0.4F}, {torso.y * 1.3F, torso.y * 1.3F, leg * 0.45F},
                      random.range(0.3F, 0.9F), trousers);
    }
    if (random.chance(0.3F)) {
        const std::uint32_t belt = b.plain();
        const Vec3f size = absolute(b.part(body).size);
        b.add_frustum({0, 0, -torso.z * 0.6F}, {size.x * 1.03F, size.y * 1.03F, 0.04F}, 1, belt);
    }
    if (random.chance(0.3F)) {
        const std::uint32_t base = b.some_material();
        const float low = -torso.z - leg;
        b.add_frustum({0, 0, low - 0.1F}, {0.5F, 0.5F, 0.06F}, random.range(0.8F, 1), base);
    }
}

void build_animal(Builder& b) {
    Random& random = b.random();
    const std::uint32_t fur = b.some_material();
    const std::uint32_t second = random.chance(0.5F) ? fur : b.some_material();
    const Vec3f body{random.range(0.4F, 0.75F), random.range(0.2F, 0.4F), random.range(0.2F, 0.42F)};
    const Mat3f lying = rotation_of_z_to({1, 0, 0});
    const float u = random.unit();
    if (u < 0.4F) {
        b.add(ShapeKind::ellipsoid, {0, 0, 0}, body, fur);
    } else if (u < 0.6F) {
        b.add_rounded({0, 0, 0}, body, fur);
    } else if (u < 0.8F) {
        b.add_lathe(random.chance(0.5F) ? LatheKind::capsule : LatheKind::egg, {0, 0, 0},
                    {body.z, body.y, body.x}, fur, lying);
    } else {
        b.add_displaced({0, 0, 0}, body, random.range(0.03F, 0.1F), fur);
    }
    const float head = random.range(0.15F, 0.34F);
    const float neck = random.range(0, 0.45F);
    const Vec3f root{body.x * 0.8F, 0, body.z * 0.4F};
    const Vec3f at = root + Vec3f{head * 0.6F, 0, neck + head * 0.3F};
    if (neck > 0.15F) {
        b.add_limb(root - Vec3f{0.1F, 0, 0.1F}, at, head * random.range(0.4F, 0.7F), fur);
    }
    const std::size_t face = add_head(b, at, head, random.chance(0.6F) ? fur : second);
    add_face(b, face, head);
    if (random.chance(0.5F)) {
        const float muzzle = head * random.range(0.35F, 0.6F);
        b.add(ShapeKind::ellipsoid, at + Vec3f{head, 0, -head * 0.3F},
              {muzzle * random.range(0.8F, 1.6F), muzzle, muzzle * 0.8F}, second);
    }
    if (random.chance(0.8F)) {
        add_ears(b, face, head, second);
    }
    std::size_t from = b.count();
    const float leg = random.range(0.15F, 0.6F);
    const float thick = random.range(0.05F, 0.12F);
    const Vec3f front{body.x * 0.6F, body.y * 0.6F, -body.z * 0.5F};
    const Vec3f back{-body.x * 0.6F, body.y * 0.6F, -body.z * 0.5F};
    const Vec3f step{random.range(-0.1F, 0.15F), 0.02F, -body.z * 0.5F - leg};
    b.add_limb(front, front + step, thick, second);
    b.add_limb(back, back + step, thick * 1.1F, second);
    b.mirror(from, 1);
    if (random.chance(0.8F)) {
        const Vec3f tail{-body.x * 0.95F, 0, body.z * 0.2F};
        const Vec3f tip =
            tail + Vec3f{random.range(-0.5F, -0.1F), random.range(-0.2F, 0.2F), random.range(-0.4F, 0.5F)};
        b.add_limb(tail, tip, random.range(0.03F, 0.1F), second);
    }
    if (random.chance(0.25F)) {
        from = b.count();
        const std::uint32_t wing = b.some_material();
        const float span = random.range(0.3F, 0.7F);
        const Mat3f tilt = rotation_about(0, random.range(-0.05F, 0.2F));
        b.add(ShapeKind::ellipsoid, tilt * Vec3f{0, body.y + span * 0.6F, 0.1F}, {span * 0.5F, span, 0.04F},
              wing, tilt);
        b.mirror(from, 1);
    }
    if (random.chance(0.3F)) {
        const int spikes = random.between(3, 6);
        const std::uint32_t m = b.plain();
        for (int i = 0; i < spikes; ++i) {
            const float x = body.x * (1.4F * static_cast<float>(i) / static_cast<float>(spikes - 1) - 0.7F);
            const float z = body.z * std::sqrt(larger(0, 1 - x * x / (body.x * body.x)));
            b.add_frustum({x, 0, z + 0.06F}, {0.07F, 0.05F, 0.1F}, 0.05F, m);
        }
    }
}

}  // namespace lact
