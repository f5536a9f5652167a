#include "app/ui/record_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/script.h"
#include "app/runtime/jobs.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {

void ScriptView::draw(PanelContext& context) {
    section(context, services_, "Script", {"script", "session file"});
    if (services_.document->interaction) {
        draw_interaction(context);
        return;
    }
    Flow buttons;
    command_button(context, services_, buttons, RecordScript::id,
                   fmt::format("{} Record input", icon::record).c_str());
    if (services_.document->script.steps.empty()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(
            context.colours.muted,
            "No script. Record your input, or open a script (Ctrl+O). A video plays the script "
            "with exact frame times.");
        ImGui::PopTextWrapPos();
        return;
    }
    command_button(context, services_, buttons, PlayScript::id, icon::play);
    command_button(context, services_, buttons, SaveScript::id, fmt::format("{} Save", icon::save).c_str());
    command_button(context, services_, buttons, ClearScript::id, "Clear");
    draw_steps(context);
}

void ScriptView::draw_interaction(PanelContext& context) {
    const InteractionProgress& progress = *services_.document->interaction;
    Flow buttons;
    command_button(context, services_, buttons, RecordScript::id, fmt::format("{} End", icon::stop).c_str());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.warning, "%s Recording input: %.1f s, %s", icon::record,
                       progress.seconds, counted(progress.steps, "step").c_str());
    context.again_in = std::min(context.again_in, 0.1F);
}

void ScriptView::draw_steps(PanelContext& context) {
    const auto& steps = services_.document->script.steps;
    constexpr ImGuiTableFlags flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollY;
    const float rows = std::min(static_cast<float>(steps.size()), 7.0F);
    if (!ImGui::BeginTable("steps", 3, flags, {0, ImGui::GetFrameHeight() * (rows + 0.3F)})) {
        return;
    }
    ImGui::TableSetupColumn("at", ImGuiTableColumnFlags_WidthFixed, ImGui::GetFontSize() * 3.2F);
    ImGui::TableSetupColumn("what");
    ImGui::TableSetupColumn("remove", ImGuiTableColumnFlags_WidthFixed, ImGui::GetFontSize() * 1.7F);
    std::string at;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].contains("at") && i + 1 < steps.size()) {
            at = fmt::format("{:.2f} s", steps[i]["at"].is_number() ? steps[i]["at"].get<double>() : 0);
            continue;  // The next step shows the time.
        }
        ImGui::PushID(static_cast<int>(i));
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextColored(context.colours.muted, "%s", at.c_str());
        at.clear();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(
            step_words(steps[i], services_.dispatch->commands(), services_.dispatch->parameters()).c_str());
        tip(context, dump_json(steps[i]));
        ImGui::TableNextColumn();
        if (ImGui::SmallButton(icon::cross)) {
            services_.dispatch->run(RemoveScriptStep{i});
            ImGui::PopID();
            break;  // The command has changed the steps.
        }
        tip(context, "Remove this step from the script (Ctrl+Z restores it).");
        ImGui::PopID();
    }
    ImGui::EndTable();
}

namespace {

using Choice = std::pair<const char*, const char*>;
constexpr std::array<Choice, 2> subjects = {{{"window", "window"}, {"view", "view only"}}};
constexpr std::array<Choice, 3> formats = {{{"mp4", "MP4"}, {"gif", "GIF"}, {"png", "PNG"}}};

std::string tooltip_of(const PanelServices& services, const char* id) {
    return services.dispatch->tooltip(id);
}

/// The tooltip of a number with its range.
std::string tooltip_with_range(const PanelServices& services, const char* id) {
    const Parameter* parameter = services.dispatch->parameters().find(id);
    return parameter == nullptr
               ? std::string()
               : fmt::format("{} Give {}.", parameter->tooltip, describe(parameter->domain()));
}

/// Sets a number, moved into its range. While it is typed it may lie outside; then the field shows what is
/// set.
void set_in_range(const PanelServices& services, const char* id, double value) {
    const Parameter* parameter = services.dispatch->parameters().find(id);
    if (parameter == nullptr) {
        return;
    }
    const Domain domain = parameter->domain();
    if (const auto* whole = std::get_if<WholeNumbers>(&domain)) {
        services.dispatch->set(id, std::clamp(static_cast<long long>(value), whole->lowest, whole->highest));
    } else if (const auto* range = std::get_if<Numbers>(&domain)) {
        services.dispatch->set(id, std::clamp(value, range->lowest, range->highest));
    }
}

template <std::size_t n>
void choose(PanelContext& context, const PanelServices& services, const char* id, const std::string& now,
            const std::array<Choice, n>& choices) {
    Flow flow;
    for (const auto& [value, title] : choices) {
        if (flow.radio(context, title, now == value)) {
            services.dispatch->set(id, value);
        }
    }
}

}  // namespace

void RecordingView::draw(PanelContext& context) {
    section(context, services_, "Video", {"camera path", "script"});
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted, "Shows %s", playback().c_str());
    ImGui::PopTextWrapPos();
    draw_choices(context);
    if (running() != nullptr) {
        draw_running(context);
    } else {
        command_button(context, services_, StartRecording::id,
                       fmt::format("{} Record video", icon::record).c_str());
    }
}

std::string RecordingView::playback() const {
    const Document& view = *services_.document;
    if (!view.script.steps.empty()) {
        return "the script above, " + counted(view.script.steps.size(), "step");
    }
    if (const auto path = view.path.evaluator()) {
        return fmt::format("the camera path, {:.2f} s", path->duration());
    }
    return "one orbit around the scene, 8 s (no script and no camera path)";
}

void RecordingView::draw_choices(PanelContext& context) {
    const RecordChoice& record = services_.document->record;
    if (!begin_rows("video")) {
        return;
    }
    row_label(context, "Content", tooltip_of(services_, "record.what"));
    choose(context, services_, "record.what", record.what, subjects);
    if (record.what == "view") {
        row_label(context, "Labels", tooltip_of(services_, "record.labels"));
        if (bool labels = record.labels; ImGui::Checkbox("##labels", &labels)) {
            services_.dispatch->set("record.labels", labels);
        }
    }
    row_label(context, "Format", tooltip_of(services_, "record.format"));
    choose(context, services_, "record.format", record.format, formats);
    draw_size(context);
    row_label(context, "Frames per second", tooltip_with_range(services_, "record.fps"));
    double fps = record.fps;
    if (ImGui::InputDouble("##fps", &fps, 0, 0, "%.6g")) {  // 23.976 and 29.97 as they are.
        set_in_range(services_, "record.fps", fps);
    }
    if (record.format == "mp4") {
        row_label(context, "Quality (CRF)", tooltip_of(services_, "record.quality"));
        const char* format = record.quality == 0    ? "%d, best"
                             : record.quality <= 20 ? "%d, fine"
                             : record.quality <= 28 ? "%d, medium"
                                                    : "%d, coarse";
        if (int quality = record.quality; ImGui::SliderInt("##quality", &quality, 0, 51, format)) {
            services_.dispatch->set("record.quality", quality);
        }
    }
    draw_range(context);
    draw_folder(context);
    end_rows();
}

void RecordingView::draw_size(PanelContext& context) {
    const RecordChoice& record = services_.document->record;
    row_label(context, "Size", "Size of the video in pixels, independent of the size of the window.");
    const float cross = ImGui::CalcTextSize("x").x;
    const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - cross) / 2 - gap;
    const auto number = [&](const char* id, int value) {
        ImGui::PushID(id);
        ImGui::SetNextItemWidth(width);
        if (ImGui::InputInt("##value", &value, 0)) {
            set_in_range(services_, id, value);
        }
        tip(context, tooltip_with_range(services_, id));
        ImGui::PopID();
    };
    number("record.width", record.width);
    ImGui::SameLine(0, gap);
    ImGui::TextUnformatted("x");
    ImGui::SameLine(0, gap);
    number("record.height", record.height);
    draw_size_presets(context);
}

/// Common sizes of videos.
void RecordingView::draw_size_presets(PanelContext& context) {
    struct Preset {
        const char* title;
        const char* tooltip;
        Size size;
    };
    const RecordChoice& record = services_.document->record;
    if (record.what == "view" && !record.labels) {
        const Size model = services_.snapshot->scene->size;
        const gfx::Rect image =
            fit_image({0, 0}, {static_cast<float>(record.width), static_cast<float>(record.height)},
                      model.width, model.height);
        row_label(context, "", "");
        ImGui::TextColored(context.colours.muted, "%.0f x %.0f without bars", image.max.x - image.min.x,
                           image.max.y - image.min.y);
    }
    const Size view = services_.document->view_size;
    const std::array<Preset, 4> presets = {{{"720p", "1280 x 720.", {1280, 720}},
                                            {"1080p", "1920 x 1080.", {1920, 1080}},
                                            {"square", "1024 x 1024.", {1024, 1024}},
                                            {"as the view", "The size of the view on screen.", view}}};
    row_label(context, "", "");
    Flow flow;
    for (const Preset& preset : presets) {
        const bool possible = preset.size.width >= 320 && preset.size.height >= 240;
        if (flow.button(context, preset.title, preset.tooltip, possible ? "" : "The view is too small.")) {
            services_.dispatch->set("record.width", preset.size.width);
            services_.dispatch->set("record.height", preset.size.height);
        }
    }
}

void RecordingView::draw_range(PanelContext& context) {
    const RecordChoice& record = services_.document->record;
    row_label(context, "From", tooltip_with_range(services_, "record.from"));
    float from = static_cast<float>(record.from);
    if (ImGui::InputFloat("##from", &from, 0, 0, from > 0 ? "%.2f s" : "start")) {
        set_in_range(services_, "record.from", static_cast<double>(from));
    }
    row_label(context, "Length", tooltip_with_range(services_, "record.seconds"));
    float seconds = static_cast<float>(record.seconds);
    if (ImGui::InputFloat("##seconds", &seconds, 0, 0, seconds > 0 ? "%.2f s" : "to the end")) {
        set_in_range(services_, "record.seconds", static_cast<double>(seconds));
    }
}

void RecordingView::draw_folder(PanelContext& context) {
    row_label(context, "Folder", tooltip_of(services_, "record.folder"));
    const float button_width = ImGui::GetFrameHeight() * 1.3F;
    ImGui::SetNextItemWidth(-button_width - ImGui::GetStyle().ItemInnerSpacing.x);
    std::string folder = services_.document->record.folder;
    if (ImGui::InputTextWithHint("##folder", "ask each time", &folder)) {
        services_.dispatch->set("record.folder", folder);
    }
    ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
    if (button(context, icon::folder_open, "Choose the folder.", {}, {button_width, 0})) {
        folder_dialog_.ask(folder);
    }
    if (const auto chosen = folder_dialog_.draw(context)) {
        services_.dispatch->set("record.folder", *chosen);
    }
}

const JobStatus* RecordingView::running() const {
    const auto& jobs = services_.snapshot.jobs();
    const auto found = std::ranges::find_if(jobs, [this](const JobStatus& job) {
        return job.id == services_.document->recording_job && job.state == JobState::running;
    });
    return found == jobs.end() ? nullptr : &*found;
}

void RecordingView::draw_running(PanelContext& context) {
    if (const JobStatus* job = running(); job != nullptr) {
        ImGui::ProgressBar(static_cast<float>(job->fraction), {-1, 0}, progress_text(*job).c_str());
    }
    command_button(context, services_, StopRecording::id, fmt::format("{} Stop", icon::stop).c_str());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "Recording runs in the background.");
}

void RecordPanel::draw(PanelContext& context) {
    if (!services_.snapshot->scene) {
        ImGui::TextColored(context.colours.muted, "No scene is open.");
        return;
    }
    draw_path(context);
    draw_keys(context);
    script_.draw(context);
    recording_.draw(context);
}

void RecordPanel::toggle(PanelContext& context, Flow& flow, const char* id) {
    const Parameter* parameter = services_.dispatch->parameters().find(id);
    const auto value = services_.dispatch->parameters().get(id);
    if (parameter == nullptr || !value) {
        return;
    }
    bool on = value->get<bool>();
    if (flow.checkbox(context, parameter->title.c_str(), on, parameter->tooltip)) {
        services_.dispatch->set(id, on);
    }
}

void RecordPanel::draw_path(PanelContext& context) {
    const PathState& path = services_.document->path;
    section(context, services_, "Camera path", {"camera path"});
    Flow making;
    const float presets_width = ImGui::GetContentRegionAvail().x * 0.45F;
    making.next(presets_width);
    ImGui::SetNextItemWidth(presets_width);
    if (ImGui::BeginCombo("##preset", "Preset")) {
        static constexpr std::array<std::pair<const char*, const char*>, 6> presets = {
            {{"orbit", "orbit"},
             {"spiral", "spiral"},
             {"dolly", "dolly"},
             {"dolly-zoom", "dolly zoom"},
             {"turntable", "turntable (as released)"},
             {"inputs", "input cameras"}}};
        for (const auto& [id, title] : presets) {
            if (ImGui::Selectable(title)) {
                services_.dispatch->run(UsePathPreset{.preset = id, .seconds = {}});
            }
        }
        ImGui::EndCombo();
    }
    tip(context, "Replace the path by a preset. Its keys can be edited.");
    command_button(context, services_, making, AddPathKey::id,
                   fmt::format("{} Add key", icon::camera).c_str());
    command_button(context, services_, making, RecordFlight::id,
                   path.recording ? "End flight" : "Record flight");
    if (path.recording) {
        ImGui::TextColored(context.colours.warning, "%s Recording the flight: %s", icon::record,
                           counted(path.flight.size(), "sample").c_str());
    }
    const auto evaluator = path.evaluator();
    if (!evaluator) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(
            context.colours.muted,
            "No path. Choose a preset, add the current camera as a key (Ctrl+K), or record a flight.");
        ImGui::PopTextWrapPos();
        return;
    }
    timeline_.draw(context);
    command_button(context, services_, PlayPath::id, path.playing ? icon::stop : icon::play);
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%.2f of %.2f s, %s, length %.2f",
                       path.time - evaluator->start(), evaluator->duration(),
                       counted(path.track.keys.size(), "key").c_str(), evaluator->length());
    tip(context, "Time on the camera path, its keys, and its length in units of the scene.");
    Flow switches;
    for (const char* id : {"path.loop", "path.constant_speed", "path.preview"}) {
        toggle(context, switches, id);
    }
    if (path.track.loop && begin_rows("loop")) {
        row_label(context, "Return time", services_.dispatch->tooltip("path.loop_seconds"));
        float back = static_cast<float>(path.track.loop_seconds);
        if (ImGui::DragFloat("##back", &back, 0.05F, 0.05F, 3600, "%.2f s", ImGuiSliderFlags_AlwaysClamp)) {
            services_.dispatch->set("path.loop_seconds", back);
        }
        end_rows();
    }
    Flow keeping;
    command_button(context, services_, keeping, SavePath::id,
                   fmt::format("{} Save path", icon::save).c_str());
    command_button(context, services_, keeping, ClearPath::id, "Clear");
}

void RecordPanel::draw_keys(PanelContext& context) {
    const PathState& path = services_.document->path;
    if (!path.selected || *path.selected >= path.track.keys.size() || !begin_rows("key")) {
        return;
    }
    const std::size_t index = *path.selected;
    const CameraKey key = path.track.keys[index];
    row(context, "Key", fmt::format("{} of {}", index + 1, path.track.keys.size()));
    float time = static_cast<float>(key.time);
    row_label(context, "Time", "In seconds, between the times of the neighbouring keys.");
    // Keys need different times.
    constexpr float apart = 0.01F;
    const float lowest = index > 0 ? static_cast<float>(path.track.keys[index - 1].time) + apart : -1e5F;
    const float highest = index + 1 < path.track.keys.size()
                              ? static_cast<float>(path.track.keys[index + 1].time) - apart
                              : 1e5F;
    if (ImGui::DragFloat("##time", &time, 0.05F, lowest, highest, "%.2f s", ImGuiSliderFlags_AlwaysClamp) &&
        time > lowest - apart / 2 && time < highest + apart / 2) {
        SetPathKey set{index};
        set.time = time;
        services_.dispatch->run(set);
    }
    float fov = static_cast<float>(key.pose.fov_y);
    row_label(context, "Field of view", "Vertical, in degrees.");
    if (ImGui::SliderFloat("##fov", &fov, 5, 120, "%.0f°", ImGuiSliderFlags_AlwaysClamp)) {
        SetPathKey set{index};
        set.fov = fov;
        services_.dispatch->run(set);
    }
    row_label(context, "Easing", "Interpolation from this key to the next.");
    if (ImGui::BeginCombo("##easing", std::string(to_string(key.easing)).c_str())) {
        for (const char* easing : {"smooth", "linear", "ease-in", "ease-out", "ease-in-out", "hold"}) {
            if (ImGui::Selectable(easing, to_string(key.easing) == easing)) {
                SetPathKey set{index};
                set.easing = easing;
                services_.dispatch->run(set);
            }
        }
        ImGui::EndCombo();
    }
    row_label(context, "Handle", services_.dispatch->tooltip("path.handle"));
    Flow handles;
    for (const char* handle : {"move", "turn"}) {
        if (handles.radio(context, handle, path.turn_handle == (std::string_view(handle) == "turn"))) {
            services_.dispatch->set("path.handle", handle);
        }
    }
    row_label(context, "");
    Flow buttons;
    if (buttons.button(context, "Set to camera", "Set this key to the current camera.")) {
        SetPathKey set{index};
        set.here = true;
        services_.dispatch->run(set);
    }
    if (buttons.button(context, "Remove", "Remove this key from the path.")) {
        services_.dispatch->run(RemovePathKey{index});
    }
    end_rows();
}

PanelData RecordPanel::data() const {
    std::vector<std::string> columns = {"time", "fov_y"};
    for (int i = 0; i < 16; ++i) {
        columns.push_back(fmt::format("c2w_{}{}", i / 4, i % 4));
    }
    std::vector<double> values;
    for (const CameraKey& key : services_.document->path.track.keys) {
        values.insert(values.end(), {key.time, key.pose.fov_y});
        for (int i = 0; i < 16; ++i) {
            values.push_back(key.pose.c2w(i / 4, i % 4));
        }
    }
    return values.empty() ? PanelData{} : PanelData{make_table("keys", columns, values)};
}

}  // namespace lact::app
