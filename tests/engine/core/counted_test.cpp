// Numbers before nouns in texts for the user.
#include "engine/core/counted.h"

#include <cstddef>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(Counted, OnlyOneIsSingular) {
    EXPECT_EQ(counted(0, "photo"), "0 photos");
    EXPECT_EQ(counted(1, "photo"), "1 photo");
    EXPECT_EQ(counted(2, "photo"), "2 photos");
    EXPECT_EQ(counted(101, "input view"), "101 input views");
    EXPECT_EQ(counted(-1, "step"), "-1 steps");
}

TEST(Counted, TakesAnIrregularPluralAndVerbs) {
    EXPECT_EQ(counted(1, "class", "classes"), "1 class");
    EXPECT_EQ(counted(2, "class", "classes"), "2 classes");
    EXPECT_EQ(counted(1, "photo lies", "photos lie"), "1 photo lies");
    EXPECT_EQ(counted(3, "photo lies", "photos lie"), "3 photos lie");
}

TEST(Counted, TakesEveryTypeOfNumber) {
    EXPECT_EQ(counted(std::size_t{1}, "key"), "1 key");
    EXPECT_EQ(counted(1U, "key"), "1 key");
    EXPECT_EQ(counted(1LL, "key"), "1 key");
    EXPECT_EQ(counted(static_cast<unsigned char>(7), "key"), "7 keys");
    EXPECT_EQ(counted(std::numeric_limits<std::uint64_t>::max(), "byte"), "18446744073709551615 bytes");
}

}  // namespace
}  // namespace lact
