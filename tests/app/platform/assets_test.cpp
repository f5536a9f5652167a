#include "app/platform/assets.h"

#include <gtest/gtest.h>

namespace lact::app {
namespace {

TEST(Assets, BundledNamesAreFound) {
    for (const BundledAsset& scene : bundled_scenes()) {
        EXPECT_TRUE(find_bundled_scene(scene.name).has_value()) << scene.name;
    }
    for (const BundledAsset& weights : bundled_weights()) {
        EXPECT_TRUE(find_bundled_weights(weights.name).has_value()) << weights.name;
    }
}

TEST(Assets, ANameIsNoPath) {
    // Scripts that come with opened files may open what is bundled, and nothing else.
    for (const char* const name :
         {"../scenes/bouquet", "..", ".", "", "/tmp", "bouquet/../parcel", "bouquet/"}) {
        EXPECT_FALSE(find_bundled_scene(name).has_value()) << name;
        EXPECT_FALSE(find_bundled_weights(name).has_value()) << name;
        EXPECT_FALSE(find_rule_weights(name).has_value()) << name;
    }
    EXPECT_FALSE(find_bundled_weights("../weights/general").has_value());
}

}  // namespace
}  // namespace lact::app
