#include "app/document/document.h"

#include <gtest/gtest.h>

namespace lact::app {
namespace {

TEST(Selection, APinnedPatchStaysOnItsPhoto) {
    Selection selection;
    selection.follow_inputs(1, {4, 12, 7});
    selection.pinned_input = InputPatch{1, {3, 2}};  // of photo 12
    selection.follow_inputs(1, {12, 7});
    EXPECT_EQ(selection.pinned_input, (InputPatch{0, {3, 2}}));
    selection.follow_inputs(1, {5, 7, 12});
    EXPECT_EQ(selection.pinned_input, (InputPatch{2, {3, 2}}));
    selection.follow_inputs(1, {5, 7});
    EXPECT_FALSE(selection.pinned_input.has_value()) << "photo 12 is no input any more";
    selection.pinned_input = InputPatch{0, {1, 1}};
    selection.follow_inputs(2, {5, 7});
    EXPECT_FALSE(selection.pinned_input.has_value()) << "another scene";
}

}  // namespace
}  // namespace lact::app
