// The sequence panel: a picture through ViTTT's two modules, and what one position attends to.
#include "app/core/parameters.h"
#include "app/panels/sequence_panel.h"
#include "app/panels/signed_colour.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <misc/cpp/imgui_stdlib.h>

namespace lact::app {

void SequencePanel::draw_picture(window::PanelContext& context) {
    const SequenceView& view = services_.view->sequence;
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted,
                       "Random projections, seeded: the mathematics of the modules, not a trained network.");
    ImGui::PopTextWrapPos();
    if (window::begin_rows("picture")) {
        window::row_label(context, "Picture",
                          "A picture file (PNG, JPEG, BMP, TGA); empty: a generated one. "
                          "Enter takes it.");
        if (!editing_image_) {
            image_text_ = view.image;
        }
        ImGui::SetNextItemWidth(-1);
        if (ImGui::InputTextWithHint("##image", "generated; or the path of a picture", &image_text_,
                                     ImGuiInputTextFlags_EnterReturnsTrue)) {
            (void)services_.parameters->set("sequence.image", image_text_);
        }
        editing_image_ = ImGui::IsItemActive();
        bool rotary = view.rotary;
        window::row_label(context, "Positions",
                          "Rotary positions of queries and keys in the GLU, as in the "
                          "hierarchical models.");
        if (ImGui::Checkbox("rotary", &rotary)) {
            (void)services_.parameters->set("sequence.rotary", rotary);
        }
        window::end_rows();
    }
    const auto answer = services_.questions->ask("sequence.vittt", AskVittt{view.image, view.rotary});
    pictures_ = answer;
    const VitttPictures* now = pictures();
    if (now == nullptr) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(answer && !answer->problem.empty() ? context.colours.error : context.colours.muted,
                           "%s", answer ? answer->problem.c_str() : "computing ...");
        ImGui::PopTextWrapPos();
        return;
    }
    upload_pictures(context, *now);
    draw_attention(context, *now);
}

void SequencePanel::upload_pictures(window::PanelContext& context, const VitttPictures& pictures) {
    if (uploaded_ == pictures_) {
        return;
    }
    const bool done = context.canvas.upload(picture_, pictures.picture).has_value() &&
                      context.canvas.upload(glu_, pictures.glu).has_value() &&
                      context.canvas.upload(conv_, pictures.conv).has_value();
    if (done) {
        uploaded_ = pictures_;
    }
}

std::optional<std::array<int, 2>> SequencePanel::draw_one(window::PanelContext& context,
                                                          const window::Texture& texture,
                                                          const VitttPictures& pictures, float width,
                                                          const std::vector<double>* shares) {
    const float cell = width / static_cast<float>(pictures.columns);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 size{width, cell * static_cast<float>(pictures.rows)};
    ImGui::Dummy(size);
    const window::Rect rect{corner, {corner.x + size.x, corner.y + size.y}};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const bool small = texture.width() == pictures.columns;
    context.canvas.draw_picture(list, texture, rect,
                                small ? window::Filter::nearest : window::Filter::bicubic);
    std::optional<std::array<int, 2>> under;
    if (ImGui::IsItemHovered()) {
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        under = {std::clamp(static_cast<int>((mouse.x - corner.x) / cell), 0, pictures.columns - 1),
                 std::clamp(static_cast<int>((mouse.y - corner.y) / cell), 0, pictures.rows - 1)};
    }
    if (shares != nullptr) {
        double largest = 1e-12;
        for (const double share : *shares) {
            largest = std::max(largest, std::abs(share));
        }
        paint_signed(list, rect, *shares, pictures.columns, largest, 1);
        if (under) {
            const auto [column, row] = *under;
            const auto index = static_cast<std::size_t>(row) * static_cast<std::size_t>(pictures.columns) +
                               static_cast<std::size_t>(column);
            ImGui::SetTooltip("position %d, %d: share %+.5f", column, row, (*shares)[index]);
        }
    }
    const auto& shown = services_.view->sequence.pinned ? services_.view->sequence.pinned : hovered_;
    if (shown) {
        const ImVec2 low{corner.x + cell * static_cast<float>((*shown)[0]),
                         corner.y + cell * static_cast<float>((*shown)[1])};
        list.AddRect(low, {low.x + cell, low.y + cell}, IM_COL32(255, 255, 0, 255), 0, 1.5F * context.scale);
    }
    return under;
}

void SequencePanel::draw_attention(window::PanelContext& context, const VitttPictures& pictures) {
    SequenceView& view = services_.view->sequence;
    const auto inside = [&](const std::array<int, 2>& at) {
        return at[0] < pictures.columns && at[1] < pictures.rows;
    };
    if (!hovered_ || !inside(*hovered_)) {
        hovered_ = {pictures.columns / 2, pictures.rows / 2};
    }
    const auto at = view.pinned ? *view.pinned : *hovered_;
    attention_ =
        services_.questions->ask("sequence.attention", AskVitttAttention{{view.image, view.rotary}, at});
    const VitttAttention* map = attention();
    const auto cells = static_cast<std::size_t>(pictures.rows) * static_cast<std::size_t>(pictures.columns);
    if (map != nullptr && (map->glu.size() != cells || map->conv.size() != cells)) {
        map = nullptr;  // of the picture before
    }
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const auto column = [&](const char* name, const char* words, const window::Texture& output,
                            const std::vector<double>* shares, double initial) {
        ImGui::BeginGroup();
        ImGui::TextColored(context.colours.muted, "%s", name);
        window::tip(context, words);
        auto under = draw_one(context, picture_, pictures, width, shares);
        ImGui::TextColored(context.colours.muted, "initial weights %+.2f, positions %+.2f", initial,
                           1 - initial);
        if (const auto other = draw_one(context, output, pictures, width, nullptr)) {
            under = other;
        }
        ImGui::EndGroup();
        return under;
    };
    auto under =
        column("GLU: who is attended to",
               "What every position adds to the output of the marked one (signed shares; with that of "
               "the initial weights they sum to one): a gated inner product of query and key. Below: the "
               "outputs, three principal components as colours.",
               glu_, map ? &map->glu : nullptr, map ? map->glu_initial : 0);
    ImGui::SameLine();
    const auto right = column(
        "3x3 convolution",
        "The same for the depth-wise convolution: 3x3 windows are compared, but every position is attended "
        "to. Below: the outputs.",
        conv_, map ? &map->conv : nullptr, map ? map->conv_initial : 0);
    under = right ? right : under;
    if (under) {
        hovered_ = under;
        if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
            view.pinned = view.pinned == under ? std::nullopt : under;
        }
    }
    ImGui::TextColored(context.colours.muted, "%s position %d, %d; twins differ by %.1e and %.1e",
                       view.pinned ? "pinned" : "marked", at[0], at[1], pictures.glu_difference,
                       pictures.conv_difference);
    if (attention_ && !attention_->problem.empty()) {
        ImGui::TextColored(context.colours.error, "%s", attention_->problem.c_str());
    }
}

}  // namespace lact::app
