#include "engine/procedural/world_family.h"

#include "engine/core/files.h"
#include "engine/procedural/make_world.h"
#include "tests/engine/procedural/fingerprint.h"
#include "tests/support/temporary_folder.h"

#include <array>
#include <filesystem>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using nlohmann::json;

json vehicles_json() {
    return json::parse(*read_file(LACT_ASSETS_DIR "/families/vehicles.json"));
}

TEST(WorldFamily, BuiltInFamiliesAreTheFiles) {
    std::set<std::string> names;
    for (const WorldFamily* const family : built_in_families()) {
        const std::string path = LACT_ASSETS_DIR "/families/" + family->name + ".json";
        const auto read = parse_family(*read_file(path), path);
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ(read->title, family->title);
        EXPECT_EQ(read->version, family->version);
        EXPECT_EQ(read->held_out, family->held_out);
        EXPECT_EQ(family->source, family->name);
        names.insert(family->name);
    }
    EXPECT_EQ(names, (std::set<std::string>{"general", "scenes", "vehicles"}));
}

TEST(WorldFamily, HeldOutListsNeverChangeAndNeverMeet) {
    const auto range = [](std::uint64_t first, std::size_t count) {
        std::vector<std::uint64_t> seeds(count);
        std::iota(seeds.begin(), seeds.end(), first);
        return seeds;
    };
    EXPECT_EQ(general_family().held_out, range(90'500'000, 200));
    EXPECT_EQ(scenes_family().held_out, range(90'600'000, 100));
    EXPECT_EQ(vehicles_family().held_out, range(90'700'000, 200));
    EXPECT_LT(training_seed_end, held_out_seed_begin);
}

TEST(WorldFamily, IsFoundByNameOldNameAndFile) {
    EXPECT_EQ(find_family("vehicles").value(), &vehicles_family());
    EXPECT_EQ(find_family("general").value(), &general_family());
    EXPECT_EQ(find_family("object").value(), &general_family());
    EXPECT_EQ(find_family("scene").value(), &scenes_family());
    const test::TemporaryFolder folder;
    json mine = vehicles_json();
    mine["name"] = "planes";
    mine["classes"] = json::parse(R"([["plane", 1]])");
    const std::string path = folder.file("planes.json", mine.dump()).string();
    const auto family = find_family(path);
    ASSERT_TRUE(family) << family.error().message();
    EXPECT_EQ((*family)->source, std::filesystem::weakly_canonical(path).string());
    EXPECT_EQ(find_family(path).value(), *family);
    EXPECT_NE((*family)->fingerprint, vehicles_family().fingerprint);
    // Of one class alone, most seeds stand for another world.
    int other = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        other += test::fingerprint_of(make_world(**family, seed)) !=
                         test::fingerprint_of(make_world(vehicles_family(), seed))
                     ? 1
                     : 0;
    }
    EXPECT_GT(other, 10);
    const auto unknown = find_family("dinosaurs");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message().find("vehicles, general, scenes"), std::string::npos);
    const auto taken = find_family(LACT_ASSETS_DIR "/families/vehicles.json");
    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().message().find("built-in"), std::string::npos) << taken.error().message();
}

TEST(WorldFamily, EveryFieldIsCheckedAndNamed) {
    struct Fault {
        const char* pointer;
        const char* value;
        const char* named;
    };
    constexpr std::array faults{
        Fault{"/name", "3", "name"},
        Fault{"/name", R"("object")", "name"},
        Fault{"/name", R"("../up")", "name"},
        Fault{"/name", R"("")", "name"},
        Fault{"/version", "0", "version"},
        Fault{"/version", "1.5", "version"},
        Fault{"/kind", R"("room")", "kind"},
        Fault{"/colour", "1", "unknown field \"colour\""},
        Fault{"/classes", "[]", "classes"},
        Fault{"/classes/0", R"("car")", "classes"},
        Fault{"/classes/0/0", R"("submarine")", "unknown class \"submarine\""},
        Fault{"/classes/0/1", "0", "classes"},
        Fault{"/classes/0/1", "-3", "classes"},
        Fault{"/materials", R"("shiny")", "materials"},
        Fault{"/details/decals", "1.5", "details"},
        Fault{"/rotation/any", "-0.1", "rotation"},
        Fault{"/rotation", R"({"any": 0.7, "tipped": 0.7, "unturned": 0})", "tipped"},
        Fault{"/cameras", R"({"radius": [1.5, 2], "half_tangent": [0.4, 0.5], "lowest_sine": [0, 0],
                              "highest_sine": [0.5, 0.6], "radius_spread": 0.3})",
              "inside"},
        Fault{"/half_extent/usual", "[2, 1]", "half_extent"},
        Fault{"/half_extent/usual", "1", "half_extent"},
        Fault{"/light/key", "[0.1, 0.2, 0.3]", "light"},
        Fault{"/light", R"("dark")", "light"},
        Fault{"/cameras/radius", "[0, 2]", "cameras"},
        Fault{"/cameras/lowest_sine", "[0.5, 0.9]", "lowest_sine"},
        Fault{"/held_out/first", "12", "held_out"},
        Fault{"/held_out/count", "0", "held_out"},
    };
    for (const Fault& fault : faults) {
        json broken = vehicles_json();
        broken[json::json_pointer(fault.pointer)] = json::parse(fault.value);
        const auto family = parse_family(broken.dump(), "mine.json");
        ASSERT_FALSE(family) << fault.pointer;
        EXPECT_NE(family.error().message().find(fault.named), std::string::npos) << family.error().message();
        EXPECT_NE(family.error().message().find("mine.json"), std::string::npos);
    }
    const json whole = vehicles_json();
    for (const auto& [key, value] : whole.items()) {
        json without = vehicles_json();
        without.erase(key);
        const auto family = parse_family(without.dump(), "mine.json");
        ASSERT_FALSE(family) << key;
        EXPECT_NE(family.error().message().find(key), std::string::npos) << family.error().message();
    }
    EXPECT_FALSE(parse_family("{", "mine.json"));
    EXPECT_FALSE(parse_family("[]", "mine.json"));
}

TEST(WorldFamily, VehiclesKeepTheirStyle) {
    const WorldFamily& family = vehicles_family();
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        const World world = make_world(family, seed);
        SCOPED_TRACE(seed);
        EXPECT_LE(world.parts.size(), max_parts);
        for (const Material& material : world.materials) {
            EXPECT_EQ(material.kind, MaterialKind::solid);
            EXPECT_EQ(material.specular, 0);
            EXPECT_EQ(material.grain, 0);
        }
        EXPECT_EQ(world.lighting.shadow, 0);
        EXPECT_EQ(length(world.lighting.fill.color), 0);
        EXPECT_NEAR(length(world.lighting.key.direction), 1, 1e-5);
        EXPECT_GE(world.rig.radius, family.cameras->radius.low);
        EXPECT_LE(world.rig.radius, family.cameras->radius.high);
        EXPECT_EQ(world.rig.shift + world.rig.roll + world.rig.wander, 0);
        // Upright: side views stand on their edge, planforms lie flat.
        for (const Part& part : world.parts) {
            if (part.shape == ShapeKind::extrusion) {
                const float side_view = absolute(part.rotation.column(1).z);
                const float planform = absolute(part.rotation.column(2).z);
                EXPECT_NEAR(larger(side_view, planform), 1, 1e-5);
            }
        }
    }
}

}  // namespace
}  // namespace lact
