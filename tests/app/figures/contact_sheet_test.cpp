#include "app/figures/contact_sheet.h"

#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

TEST(ContactSheet, MeasuredViewsAreAtLeastAsWideAsItSays) {
    for (const int width : {16, 96, 127, 128, 200}) {
        const Image8 view{width, 8, 3,
                          std::vector<std::uint8_t>(static_cast<std::size_t>(width) * 8 * 3, 90)};
        const auto sheet = evaluation_sheet("", std::vector<EvaluationImage>(8, {view, view}));
        ASSERT_TRUE(sheet.has_value()) << sheet.error().message();
        EXPECT_GE(sheet->width, 8 * 128) << width;
    }
}

}  // namespace

}  // namespace lact::app
