#include "tests/app/gfx/panels.h"

#include "app/ui/matrix_view.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <cmath>

namespace lact::app::test {

Image8 ramp_image(int width, int height) {
    Image8 image{width, height, 3, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const bool check = ((x / 8) + (y / 8)) % 2 == 0;
            image.pixels.push_back(static_cast<std::uint8_t>(x * 255 / width));
            image.pixels.push_back(static_cast<std::uint8_t>(y * 255 / height));
            image.pixels.push_back(check ? 200 : 80);
        }
    }
    return image;
}

std::vector<float> wave_matrix(int rows, int columns) {
    std::vector<float> values;
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c) {
            values.push_back(std::sin(static_cast<float>(r) * 0.21F) *
                             std::cos(static_cast<float>(c) * 0.13F));
        }
    }
    return values;
}

namespace {

void draw_scene(Sample& sample) {
    const float size = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
    for (int i = 0; i < 12; ++i) {
        ImGui::PushID(i);
        ImGui::BeginGroup();
        ImGui::Image(sample.image.id(), {size, size});
        ImGui::Checkbox("view", &sample.tick);
        ImGui::EndGroup();
        ImGui::PopID();
        if (i % 2 == 0) {
            ImGui::SameLine();
        }
    }
}

void draw_viewport(Sample& sample, PanelContext& context) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float side = std::floor(std::min(room.x, room.y));
    const ImVec2 corner{std::floor(at.x + (room.x - side) / 2), std::floor(at.y + (room.y - side) / 2)};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(at, {at.x + room.x, at.y + room.y}, ImGui::GetColorU32(context.colours.backdrop));
    context.canvas.draw_image(list, sample.image, {corner, {corner.x + side, corner.y + side}},
                              gfx::Filter::bicubic);
}

void draw_weights(Sample& sample, PanelContext& context) {
    ImGui::SetNextItemWidth(-FLT_MIN);
    ImGui::SliderFloat("##layer", &sample.slider, 0, 1, "layer %.1f");
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, width});
    const gfx::HeatMapStyle style;
    context.canvas.draw_heat_map(*ImGui::GetWindowDrawList(), sample.matrix,
                                 {at, {at.x + width, at.y + width}}, style);
    gfx::colour_bar(style.map, style.low, style.high);
}

/// A heat map so large that its numbers can be read.
void draw_zoomed(Sample& sample, PanelContext& context) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const gfx::Rect rect{at, {at.x + room.x, at.y + room.y}};
    const gfx::HeatMapStyle style;
    const gfx::Part part{3.5F, 2.5F, room.x / (80 * context.scale), room.y / (40 * context.scale)};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    context.canvas.draw_heat_map(list, sample.matrix, rect, style, part);
    ImGui::PushFont(context.fonts.mono, text_size);
    draw_cell_values(list, wave_matrix(48, 48), 48, 48, rect, style, part);
    ImGui::PopFont();
}

void draw_status(const PanelContext& context) {
    if (begin_rows("status")) {
        row(context, "Device", "CPU, 2 threads", "Where the model runs.");
        row(context, "Weights", "objects-nano, 256 × 256");
        row_label(context, "Rule");
        static int choice = 0;
        ImGui::Combo("##rule", &choice, "Baseline\0Ascent\0");
        end_rows();
    }
    ImGui::TextColored(context.colours.accent, "%s live", icon::bolt);
    ImGui::TextColored(context.colours.good, "%s holds", icon::check);
    ImGui::TextColored(context.colours.warning, "%s switched at inference", icon::warning);
    ImGui::TextColored(context.colours.error, "%s failed", icon::error);
    ImGui::PushFont(context.fonts.mono, text_size);
    ImGui::TextUnformatted("-0.1234  5.678e-03");
    ImGui::PopFont();
    button(context, "Rebuild the state", "Runs the update again.");
}

}  // namespace

void add_sample_panels(Shell& shell, const std::shared_ptr<Sample>& sample) {
    const auto counted = [sample](std::size_t index, auto draw) {
        return [sample, index, draw](PanelContext& context) {
            if (!sample->image) {
                static_cast<void>(context.canvas.upload(sample->image, ramp_image(64, 64)));
                static_cast<void>(context.canvas.upload(sample->matrix, wave_matrix(48, 48), 48, 48));
            }
            ++sample->drawn.at(index);
            draw(*sample, context);
        };
    };
    const auto add = [&](const char* title, const char* symbol, DockSlot slot, auto draw, bool edge = false) {
        const std::size_t index = shell.panels().size();
        shell.add_panel({title, symbol, slot, counted(index, draw), true, edge});
    };
    add("Scene", icon::images, DockSlot::left, [](Sample& s, PanelContext&) { draw_scene(s); });
    add("Viewport", icon::eye, DockSlot::centre, draw_viewport, true);
    add("Overview", icon::cube, DockSlot::below, draw_zoomed);
    add("Fast weights", icon::grid, DockSlot::right, draw_weights);
    add("Rule", icon::sliders, DockSlot::right,
        [](Sample&, PanelContext&) { ImGui::TextUnformatted("Rule"); });
    add("Status", icon::gauge, DockSlot::right, [](Sample&, PanelContext& c) { draw_status(c); });
    ShellHooks hooks;
    hooks.menu = [&shell] {
        if (ImGui::BeginMenu("File")) {
            ImGui::MenuItem("Open…", "Ctrl+O");
            ImGui::EndMenu();
        }
        if (ImGui::BeginMenu("View")) {
            shell.panel_menu_items();
            ImGui::EndMenu();
        }
    };
    shell.set_hooks(std::move(hooks));
}

}  // namespace lact::app::test
