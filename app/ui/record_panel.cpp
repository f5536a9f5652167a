#include "app/ui/record_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/script.h"
#include "app/runtime/jobs.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {

void ScriptView::draw(PanelContext& context) {
    ImGui::SeparatorText("Script");
    if (services_.document->interaction) {
        draw_interaction(context);
        return;
    }
    Flow doing;
    command_button(context, services_, doing, RecordScript::id,
                   fmt::format("{} record what I do", icon::record).c_str());
    if (services_.document->script.steps.empty()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(context.colours.muted,
                           "No script. Record what you do here, and the film does it again, exact frame by "
                           "frame; or open a script (Ctrl+O).");
        ImGui::PopTextWrapPos();
        return;
    }
    command_button(context, services_, doing, PlayScript::id, icon::play);
    command_button(context, services_, doing, SaveScript::id, fmt::format("{} save", icon::save).c_str());
    command_button(context, services_, doing, ClearScript::id, "forget");
    draw_steps(context);
}

void ScriptView::draw_interaction(PanelContext& context) {
    const InteractionProgress& take = *services_.document->interaction;
    Flow doing;
    command_button(context, services_, doing, RecordScript::id, fmt::format("{} end", icon::stop).c_str());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.warning, "%s recording what you do: %.1f s, %zu step%s", icon::record,
                       take.seconds, take.steps, take.steps == 1 ? "" : "s");
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
            continue;  // Stands beside what is done then.
        }
        ImGui::PushID(static_cast<int>(i));
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextColored(context.colours.muted, "%s", at.c_str());
        at.clear();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(
            step_words(steps[i], services_.dispatch->commands(), services_.dispatch->parameters()).c_str());
        tip(context, steps[i].dump());
        ImGui::TableNextColumn();
        if (ImGui::SmallButton(icon::cross)) {
            services_.dispatch->run(RemoveScriptStep{i});
            ImGui::PopID();
            break;  // The steps are others now.
        }
        tip(context, "Take this step out of the script (Ctrl+Z brings it back).");
        ImGui::PopID();
    }
    ImGui::EndTable();
}

namespace {

using Choice = std::pair<const char*, const char*>;
constexpr std::array<Choice, 2> subjects = {{{"window", "window"}, {"view", "view alone"}}};
constexpr std::array<Choice, 3> formats = {{{"mp4", "MP4"}, {"gif", "GIF"}, {"png", "PNGs"}}};

std::string words_of(const PanelServices& services, const char* id) {
    return services.dispatch->tooltip(id);
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
    ImGui::SeparatorText("Film");
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted, "shows %s", playback().c_str());
    ImGui::PopTextWrapPos();
    draw_choices(context);
    if (running() != nullptr) {
        draw_running(context);
    } else {
        command_button(context, services_, StartRecording::id,
                       fmt::format("{} record the film", icon::record).c_str());
    }
}

std::string RecordingView::playback() const {
    const Document& view = *services_.document;
    if (!view.script.steps.empty()) {
        return fmt::format("the script above, {} steps", view.script.steps.size());
    }
    if (const auto path = view.path.evaluator()) {
        return fmt::format("the flight along the camera path, {:.2f} s", path->duration());
    }
    return "one turn around the scene, 8 s: there is neither a path nor a script";
}

void RecordingView::draw_choices(PanelContext& context) {
    const RecordChoice& record = services_.document->record;
    if (!begin_rows("film")) {
        return;
    }
    row_label(context, "Shows", words_of(services_, "record.what"));
    choose(context, services_, "record.what", record.what, subjects);
    row_label(context, "Format", words_of(services_, "record.format"));
    choose(context, services_, "record.format", record.format, formats);
    draw_size(context);
    row_label(context, "Frames a second", words_of(services_, "record.fps"));
    float fps = static_cast<float>(record.fps);
    if (ImGui::InputFloat("##fps", &fps, 0, 0, "%.3g")) {
        services_.dispatch->set("record.fps", fps);
    }
    if (record.format == "mp4") {
        row_label(context, "Quality (CRF)", words_of(services_, "record.quality"));
        const char* words = record.quality == 0    ? "%d, lossless"
                            : record.quality <= 20 ? "%d, fine"
                            : record.quality <= 28 ? "%d, medium"
                                                   : "%d, coarse";
        if (int quality = record.quality; ImGui::SliderInt("##quality", &quality, 0, 51, words)) {
            services_.dispatch->set("record.quality", quality);
        }
    }
    draw_range(context);
    draw_folder(context);
    end_rows();
}

void RecordingView::draw_size(PanelContext& context) {
    const RecordChoice& record = services_.document->record;
    row_label(context, "Size", "Of the film, in pixels, whatever size this window has.");
    const float cross = ImGui::CalcTextSize("x").x;
    const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - cross) / 2 - gap;
    const auto number = [&](const char* id, int value) {
        ImGui::PushID(id);
        ImGui::SetNextItemWidth(width);
        if (ImGui::InputInt("##value", &value, 0)) {
            services_.dispatch->set(id, value);
        }
        tip(context, words_of(services_, id));
        ImGui::PopID();
    };
    number("record.width", record.width);
    ImGui::SameLine(0, gap);
    ImGui::TextUnformatted("x");
    ImGui::SameLine(0, gap);
    number("record.height", record.height);
}

void RecordingView::draw_range(PanelContext& context) {
    const RecordChoice& record = services_.document->record;
    row_label(context, "From", words_of(services_, "record.from"));
    float from = static_cast<float>(record.from);
    if (ImGui::InputFloat("##from", &from, 0, 0, from > 0 ? "%.2f s" : "the beginning")) {
        services_.dispatch->set("record.from", from);
    }
    row_label(context, "Length", words_of(services_, "record.seconds"));
    float seconds = static_cast<float>(record.seconds);
    if (ImGui::InputFloat("##seconds", &seconds, 0, 0, seconds > 0 ? "%.2f s" : "until the end")) {
        services_.dispatch->set("record.seconds", seconds);
    }
}

void RecordingView::draw_folder(PanelContext& context) {
    row_label(context, "Folder", words_of(services_, "record.folder"));
    const float button_width = ImGui::GetFrameHeight() * 1.3F;
    ImGui::SetNextItemWidth(-button_width - ImGui::GetStyle().ItemInnerSpacing.x);
    std::string folder = services_.document->record.folder;
    if (ImGui::InputTextWithHint("##folder", "the current folder", &folder)) {
        services_.dispatch->set("record.folder", folder);
    }
    ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
    const std::string why = !PathChooser::available() ? "This desktop has no file dialog (zenity or kdialog)."
                            : chooser_.open()         ? "It is open."
                                                      : "";
    if (button(context, icon::folder_open, "Choose the folder in the desktop's own dialog.", why,
               {button_width, 0})) {
        chooser_.choose_folder("Where films are written");
    }
    if (chooser_.open()) {
        context.animate = true;  // The dialog tells nobody when it is closed.
        if (const auto path = chooser_.take()) {
            services_.dispatch->set("record.folder", *path);
        }
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
    command_button(context, services_, StopRecording::id, fmt::format("{} stop", icon::stop).c_str());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "You can go on working.");
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
    ImGui::SeparatorText("Camera path");
    Flow making;
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
                services_.dispatch->run(UsePathPreset{.preset = id, .seconds = {}});
            }
        }
        ImGui::EndCombo();
    }
    tip(context, "Ready-made paths; their keys can be changed like any others.");
    command_button(context, services_, making, AddPathKey::id,
                   fmt::format("{} add key", icon::camera).c_str());
    command_button(context, services_, making, RecordFlight::id,
                   path.recording ? "end the flight" : "record a flight");
    if (path.recording) {
        ImGui::TextColored(context.colours.warning, "%s recording where you fly, %zu moments", icon::record,
                           path.flight.size());
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
    command_button(context, services_, PlayPath::id, path.playing ? icon::stop : icon::play);
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%.2f s of %.2f, %zu keys, length %.2f", path.time,
                       evaluator->duration(), path.track.keys.size(), evaluator->length());
    Flow switches;
    for (const char* id : {"path.loop", "path.constant_speed", "path.preview"}) {
        toggle(context, switches, id);
    }
    if (path.track.loop && begin_rows("loop")) {
        row_label(context, "Way back", services_.dispatch->tooltip("path.loop_seconds"));
        float back = static_cast<float>(path.track.loop_seconds);
        if (ImGui::DragFloat("##back", &back, 0.05F, 0.05F, 3600, "%.2f s", ImGuiSliderFlags_AlwaysClamp)) {
            services_.dispatch->set("path.loop_seconds", back);
        }
        end_rows();
    }
    Flow keeping;
    command_button(context, services_, keeping, SavePath::id,
                   fmt::format("{} save path", icon::save).c_str());
    command_button(context, services_, keeping, ClearPath::id, "clear");
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
    row_label(context, "Time", "Seconds; between its neighbours.");
    // Never onto a neighbour: that is no path.
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
    row_label(context, "Angle of view", "Vertical, in degrees.");
    if (ImGui::SliderFloat("##fov", &fov, 5, 120, "%.0f deg", ImGuiSliderFlags_AlwaysClamp)) {
        SetPathKey set{index};
        set.fov = fov;
        services_.dispatch->run(set);
    }
    row_label(context, "Easing", "Of the way from here to the next key.");
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
    Flow doing;
    if (doing.button(context, "camera to here", "Make this key the camera as it is now.")) {
        SetPathKey set{index};
        set.here = true;
        services_.dispatch->run(set);
    }
    if (doing.button(context, "remove", "Take this key out of the path.")) {
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
