#include "engine/procedural/object_world.h"

namespace lact {

World make_scene_world(std::uint64_t seed) {
    World world;
    world.family = WorldFamily::scene;
    Random structure(seed, 11);
    build_object(world, structure);
    return world;
}

}  // namespace lact
