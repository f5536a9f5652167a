#include "app/panels/record_panel.h"

#include "app/core/actions.h"
#include "app/core/parameters.h"
#include "app/panels/action_button.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

void RecordPanel::draw(window::PanelContext& context) {
    if (!services_.published->scene) {
        ImGui::TextColored(context.colours.muted, "No scene is open.");
        return;
    }
    draw_path(context);
    draw_keys(context);
    script_.draw(context);
    film_.draw(context);
}

void RecordPanel::toggle(window::PanelContext& context, window::Flow& flow, const char* id) {
    const Parameter* parameter = services_.parameters->find(id);
    const auto value = services_.parameters->get(id);
    if (parameter == nullptr || !value) {
        return;
    }
    bool on = value->get<bool>();
    if (flow.checkbox(context, parameter->title.c_str(), on, parameter->tooltip)) {
        (void)services_.parameters->set(id, on);
    }
}

void RecordPanel::draw_path(window::PanelContext& context) {
    const PathState& path = services_.view->path;
    ImGui::SeparatorText("Camera path");
    window::Flow making;
    const float presets_width = ImGui::GetContentRegionAvail().x * 0.45F;
    making.next(presets_width);
    ImGui::SetNextItemWidth(presets_width);
    if (ImGui::BeginCombo("##preset", "preset")) {
        static constexpr std::array<std::pair<const char*, const char*>, 6> presets = {
            {{"orbit", "orbit"},
             {"spiral", "spiral"},
             {"dolly", "dolly"},
             {"dolly-zoom", "dolly zoom"},
             {"turntable", "released turntable"},
             {"inputs", "through the input cameras"}}};
        for (const auto& [id, title] : presets) {
            if (ImGui::Selectable(title)) {
                services_.run("path.preset", {{"preset", id}});
            }
        }
        ImGui::EndCombo();
    }
    window::tip(context, "Ready-made paths; their keys can be changed like any others.");
    action_button(context, services_, making, "path.add_key",
                  fmt::format("{} add key", window::icon::camera).c_str());
    action_button(context, services_, making, "path.record_flight",
                  path.recording ? "end the flight" : "record a flight");
    if (path.recording) {
        ImGui::TextColored(context.colours.warning, "%s recording where you fly, %zu moments",
                           window::icon::record, path.flight.size());
    }
    const auto evaluator = path.evaluator();
    if (!evaluator) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(
            context.colours.muted,
            "No path yet. Take a preset, add the camera as it is now as a key (Ctrl+K), or record a "
            "free flight.");
        ImGui::PopTextWrapPos();
        return;
    }
    timeline_.draw(context);
    action_button(context, services_, "path.play", path.playing ? window::icon::stop : window::icon::play);
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%.2f s of %.2f, %zu keys, length %.2f", path.time,
                       evaluator->duration(), path.track.keys.size(), evaluator->length());
    window::Flow switches;
    for (const char* id : {"path.loop", "path.constant_speed", "path.preview"}) {
        toggle(context, switches, id);
    }
    if (path.track.loop && window::begin_rows("loop")) {
        window::row_label(context, "Way back", services_.parameters->find("path.loop_seconds")->tooltip);
        float back = static_cast<float>(path.track.loop_seconds);
        if (ImGui::DragFloat("##back", &back, 0.05F, 0.05F, 3600, "%.2f s", ImGuiSliderFlags_AlwaysClamp)) {
            (void)services_.parameters->set("path.loop_seconds", back);
        }
        window::end_rows();
    }
    window::Flow keeping;
    action_button(context, services_, keeping, "path.save",
                  fmt::format("{} save path", window::icon::save).c_str());
    action_button(context, services_, keeping, "path.clear", "clear");
}

void RecordPanel::draw_keys(window::PanelContext& context) {
    const PathState& path = services_.view->path;
    if (!path.selected || *path.selected >= path.track.keys.size() || !window::begin_rows("key")) {
        return;
    }
    const std::size_t index = *path.selected;
    const CameraKey key = path.track.keys[index];
    window::row(context, "Key", fmt::format("{} of {}", index + 1, path.track.keys.size()));
    float time = static_cast<float>(key.time);
    window::row_label(context, "Time", "Seconds; between its neighbours.");
    // Never onto a neighbour: that is no path.
    constexpr float apart = 0.01F;
    const float lowest = index > 0 ? static_cast<float>(path.track.keys[index - 1].time) + apart : -1e5F;
    const float highest = index + 1 < path.track.keys.size()
                              ? static_cast<float>(path.track.keys[index + 1].time) - apart
                              : 1e5F;
    if (ImGui::DragFloat("##time", &time, 0.05F, lowest, highest, "%.2f s", ImGuiSliderFlags_AlwaysClamp) &&
        time > lowest - apart / 2 && time < highest + apart / 2) {
        services_.run("path.set_key", {{"key", index}, {"time", time}});
    }
    float fov = static_cast<float>(key.pose.fov_y);
    window::row_label(context, "Angle of view", "Vertical, in degrees.");
    if (ImGui::SliderFloat("##fov", &fov, 5, 120, "%.0f deg", ImGuiSliderFlags_AlwaysClamp)) {
        services_.run("path.set_key", {{"key", index}, {"fov", fov}});
    }
    window::row_label(context, "Easing", "Of the way from here to the next key.");
    if (ImGui::BeginCombo("##easing", std::string(to_string(key.easing)).c_str())) {
        for (const char* easing : {"smooth", "linear", "ease-in", "ease-out", "ease-in-out", "hold"}) {
            if (ImGui::Selectable(easing, to_string(key.easing) == easing)) {
                services_.run("path.set_key", {{"key", index}, {"easing", easing}});
            }
        }
        ImGui::EndCombo();
    }
    window::row_label(context, "Handle", services_.parameters->find("path.handle")->tooltip);
    window::Flow handles;
    for (const char* handle : {"move", "turn"}) {
        if (handles.radio(context, handle, path.turn_handle == (std::string_view(handle) == "turn"))) {
            (void)services_.parameters->set("path.handle", handle);
        }
    }
    window::row_label(context, "");
    window::Flow doing;
    if (doing.button(context, "camera to here", "Make this key the camera as it is now.")) {
        services_.run("path.set_key", {{"key", index}, {"here", true}});
    }
    if (doing.button(context, "remove", "Take this key out of the path.")) {
        services_.run("path.remove_key", {{"key", index}});
    }
    window::end_rows();
}

PanelData RecordPanel::data() const {
    std::vector<std::string> columns = {"time", "fov_y"};
    for (int i = 0; i < 16; ++i) {
        columns.push_back(fmt::format("c2w_{}{}", i / 4, i % 4));
    }
    std::vector<double> values;
    for (const CameraKey& key : services_.view->path.track.keys) {
        values.insert(values.end(), {key.time, key.pose.fov_y});
        for (int i = 0; i < 16; ++i) {
            values.push_back(key.pose.c2w(i / 4, i % 4));
        }
    }
    return values.empty() ? PanelData{} : PanelData{make_table("keys", columns, values)};
}

}  // namespace lact::app
