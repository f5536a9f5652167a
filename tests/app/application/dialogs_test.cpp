// Dialogs by keyboard: Enter does what the button does, and a dialog never takes the key press that opened
// it.
#include "tests/app/application/running.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

using test::draw_frames;
using test::errors;
using test::hold_key;
using test::run;
using test::Running;
using test::start_null;

bool is_shown(const char* dialog) {
    const ImGuiWindow* window = ImGui::FindWindowByName(dialog);
    return window != nullptr && window->Active;
}

void type_into_the_open_dialog(const Running& running, const char* path) {
    run(running, "file.open");
    draw_frames(running, 3);
    ASSERT_TRUE(is_shown("Open###open"));
    test::type_text(running, path);
}

TEST(Dialogs, EnterInTheOpenDialogShowsTheErrorOfThePath) {
    for (const ImGuiKey enter : {ImGuiKey_Enter, ImGuiKey_KeypadEnter}) {
        const Running running = start_null();
        type_into_the_open_dialog(running, "/no/such/scene");
        hold_key(running, enter);
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(errors(*running.program), 1);
        EXPECT_FALSE(is_shown("Open###open"));
        EXPECT_TRUE(is_shown("Error###error")) << "the press that sent the path must not close it";
        hold_key(running, enter);
        EXPECT_FALSE(is_shown("Error###error"));
    }
}

TEST(Dialogs, AMemoryOfferKeepsWhatWasRequested) {
    Document document;
    MemoryOffer offer;
    offer.request.path = "/scenes/fox";
    offer.request.input_count = 6;
    offer.probe.size = {128, 96};
    offer.probe.inputs = 6;
    offer.probe.offer = {4, {64, 48}};
    SceneSummary open;
    open.path = "/scenes/other";
    open.inputs = {8, 6, 4, 2, 1, 0};
    for (const SceneSummary* none_of_it : {static_cast<const SceneSummary*>(nullptr), &std::as_const(open)}) {
        const OpenScene fewer = with_fewer_views(offer, document, none_of_it);
        EXPECT_EQ(fewer.path, "/scenes/fox");
        EXPECT_EQ(fewer.views, 4U);
        EXPECT_EQ(fewer.size, "128x96");
        EXPECT_FALSE(fewer.inputs.has_value());
        const OpenScene smaller = at_smaller_size(offer, document, none_of_it);
        EXPECT_EQ(smaller.views, 6U);
        EXPECT_EQ(smaller.size, "64x48");
        EXPECT_FALSE(smaller.inputs.has_value());
    }
    // The open scene at another size keeps the photos that were chosen.
    open.path = offer.request.path;
    EXPECT_EQ(at_smaller_size(offer, document, &open).inputs, open.inputs);
    EXPECT_EQ(with_fewer_views(offer, document, &open).inputs, (std::vector<std::size_t>{8, 6, 4, 2}));
    offer.request.inputs = {5, 1, 9, 7, 3, 2};
    EXPECT_EQ(at_smaller_size(offer, document, &open).inputs, offer.request.inputs);
    EXPECT_EQ(with_fewer_views(offer, document, nullptr).inputs, (std::vector<std::size_t>{5, 1, 9, 7}));
}

TEST(Dialogs, EscapeClosesOneDialogAtATime) {
    const Running running = start_null();
    type_into_the_open_dialog(running, "/no/such/scene");
    hold_key(running, ImGuiKey_Escape);
    EXPECT_FALSE(is_shown("Open###open"));
    EXPECT_EQ(errors(*running.program), 0);
}

}  // namespace

}  // namespace lact::app
