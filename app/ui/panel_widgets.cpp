#include "app/ui/panel_widgets.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/ui/glossary.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/text_file.h"
#include "engine/scene/camera_fields.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

void command_button(const PanelContext& context, const PanelServices& services, const char* id,
                    const char* label) {
    Flow alone;
    command_button(context, services, alone, id, label);
}

void command_button(const PanelContext& context, const PanelServices& services, Flow& flow, const char* id,
                    const char* label) {
    const Command* command = services.dispatch->commands().find(id);
    if (command == nullptr) {
        return;
    }
    const std::string tooltip = command->key.empty() ? command->tooltip
                                                     : fmt::format("{} ({})", command->tooltip,
                                                                   context.keys.map(command->chord).shown);
    ImGui::PushID(id);  // Several commands may have one icon as label.
    if (flow.button(context, label, tooltip, command->why_not())) {
        services.dispatch->run(id);
    }
    ImGui::PopID();
}

void section(const PanelContext& context, const PanelServices& services, const char* title,
             std::initializer_list<std::string_view> terms) {
    section(context, services, title, std::span(terms.begin(), terms.size()));
}

void section(const PanelContext& context, const PanelServices& services, const char* title,
             std::span<const std::string_view> terms) {
    const float right = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
    ImGui::SeparatorText(title);
    const float width = ImGui::CalcTextSize(icon::help).x + 2 * ImGui::GetStyle().FramePadding.x;
    ImGui::SameLine(right - width);
    ImGui::PushID(title);
    if (help_mark(context, terms)) {
        services.document->help_requested = true;
    }
    ImGui::PopID();
}

RuleStatus rule_status(const PanelServices& services) {
    const StateSummary& state = *services.snapshot->state;
    const auto& requested = services.document->requested_rule;
    if (requested && *requested != state.rule) {
        return {"computing " + rule_label(*requested) + "...", icon::clock, true};
    }
    return state.rule_switched
               ? RuleStatus{"switched at inference", icon::warning, false, true}
               : RuleStatus{services.snapshot->weights->info.as_trained(),
                            services.snapshot->weights->info.rule_assumed ? icon::info : icon::check};
}

namespace {

/// Whether an answer is fresh, or not late yet. One that was not drawn in the frame before waits anew.
bool in_time(bool fresh, const char* id) {
    constexpr float never = -1;
    ImGuiStorage& kept = *ImGui::GetStateStorage();
    ImGui::PushID(id);
    const ImGuiID drawn = ImGui::GetID("drawn");
    const ImGuiID late = ImGui::GetID("late");
    ImGui::PopID();
    const int frame = ImGui::GetFrameCount();
    const bool goes_on = kept.GetInt(drawn, -1) == frame - 1;
    kept.SetInt(drawn, frame);
    float& late_since = *kept.GetFloatRef(late, never);  // Until the next insertion.
    const auto now = static_cast<float>(ImGui::GetTime());
    if (fresh) {
        late_since = never;
        return true;
    }
    if (late_since < 0 || !goes_on) {
        late_since = now;
    }
    return now - late_since < AnswerScope::patience;
}

}  // namespace

AnswerScope::AnswerScope(bool fresh, const char* id) : AnswerScope(in_time(fresh, id)) {}

AnswerScope::AnswerScope(bool fresh) : fresh_(fresh) {
    ImGui::BeginGroup();
    if (!fresh_) {
        ImGui::PushStyleVar(ImGuiStyleVar_Alpha, 0.45F * ImGui::GetStyle().Alpha);
    }
}

AnswerScope::~AnswerScope() {
    if (!fresh_) {
        ImGui::PopStyleVar();
    }
    ImGui::EndGroup();
    if (!fresh_) {
        write_computing({ImGui::GetItemRectMin(), ImGui::GetItemRectMax()});
    }
}

void write_computing(const gfx::Rect& rect) {
    constexpr const char* text = "Computing...";
    const ImVec2 size = ImGui::CalcTextSize(text);
    const ImVec2 at{(rect.min.x + rect.max.x - size.x) / 2, (rect.min.y + rect.max.y - size.y) / 2};
    text_on_image(*ImGui::GetWindowDrawList(), at, white_on_image, text);
}

tl::unexpected<Error> not_current() {
    return fail("numbers of the panel", "those of the present state and choice are not computed yet",
                "Show the panel, wait until it has them, and save again.");
}

Result<void> check_current(const PanelServices& services, std::initializer_list<ShownAnswer> answers) {
    const auto& state = services.snapshot->state;
    for (const auto& [answer, asked] : answers) {
        if (answer == nullptr) {
            continue;
        }
        const bool newest = state && answer->generation == state->generation;
        if (!newest || !asked || !same(answer->query, *asked)) {
            return not_current();
        }
    }
    return {};
}

namespace {

std::string camera_text(const Camera& camera) {
    return dump_json(nlohmann::json{{"w", camera.width},
                                    {"h", camera.height},
                                    {"fx", camera.fx},
                                    {"fy", camera.fy},
                                    {"cx", camera.cx},
                                    {"cy", camera.cy},
                                    {"c2w", pose_rows(camera.c2w)}});
}

}  // namespace

std::map<std::string, std::string> about_query(const StateQuery& query) {
    std::map<std::string, std::string> about;
    std::visit(
        [&about]([[maybe_unused]] const auto& one) {
            if constexpr (requires { one.camera; }) {
                about["camera"] = camera_text(one.camera);
            }
            if constexpr (requires { one.query.patch; }) {
                const auto& patch = one.query.patch;
                about["camera"] = camera_text(one.query.camera);
                about["patch"] = patch ? fmt::format("{},{}", (*patch)[0], (*patch)[1]) : "all";
            }
            if constexpr (requires { one.options.factor; }) {
                about["factor"] = to_string(one.options.factor);
                about["shares"] = to_string(one.options.of);
            }
        },
        query);
    return about;
}

bool has_muon(const PanelServices& services) {
    const auto& state = services.snapshot->state;
    return state && state->rule.orthogonalize;
}

float graph_height(const PanelContext& context, float share) {
    return std::max(90 * context.scale, share * ImGui::GetContentRegionAvail().y);
}

void draw_place_choice(PanelContext& context, const PanelServices& services) {
    const ModelConfig& config = services.snapshot->weights->config;
    int layer = services.document->matrix.layer;
    row_label(context, "Layer", "The TTT layer. Every block of the network has one.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##layer", &layer, 0, config.layers - 1)) {
        services.dispatch->set("matrix.layer", layer);
    }
    int head = services.document->matrix.head;
    row_label(context, "Head", "The head. Each head has its own fast weights.");
    ImGui::BeginDisabled(config.ttt_heads() < 2);
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##head", &head, 0, config.ttt_heads() - 1)) {
        services.dispatch->set("matrix.head", head);
    }
    ImGui::EndDisabled();
}

gfx::Rect fit_image(ImVec2 min, ImVec2 space, int width, int height) {
    float scale = std::min(space.x / static_cast<float>(width), space.y / static_cast<float>(height));
    if (scale > 2) {
        scale = std::floor(scale);
    }
    const ImVec2 size{static_cast<float>(width) * scale, static_cast<float>(height) * scale};
    const ImVec2 corner{std::floor(min.x + (space.x - size.x) / 2),
                        std::floor(min.y + (space.y - size.y) / 2)};
    return {corner, {corner.x + size.x, corner.y + size.y}};
}

void fill_around(ImDrawList& list, const gfx::Rect& all, const gfx::Rect& image, ImU32 colour) {
    list.AddRectFilled(all.min, {image.min.x, all.max.y}, colour);
    list.AddRectFilled({image.max.x, all.min.y}, all.max, colour);
    list.AddRectFilled({image.min.x, all.min.y}, {image.max.x, image.min.y}, colour);
    list.AddRectFilled({image.min.x, image.max.y}, {image.max.x, all.max.y}, colour);
}

ImVec2 text_on_image(ImDrawList& list, ImVec2 at, ImU32 colour, const std::string& text, float wrap) {
    const ImU32 shade = IM_COL32(0, 0, 0, 170);
    const ImVec2 size = ImGui::CalcTextSize(text.c_str(), nullptr, false, wrap > 0 ? wrap : -1);
    const float pad = ImGui::GetStyle().FramePadding.y;
    list.AddRectFilled({at.x - pad, at.y - pad}, {at.x + size.x + pad, at.y + size.y + pad}, shade, pad);
    list.AddText(ImGui::GetFont(), ImGui::GetFontSize(), at, colour, text.c_str(), nullptr,
                 wrap > 0 ? wrap : 0);
    return size;
}

}  // namespace lact::app
