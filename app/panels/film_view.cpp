#include "app/panels/film_view.h"

#include "app/core/actions.h"
#include "app/core/jobs.h"
#include "app/core/parameters.h"
#include "app/panels/action_button.h"
#include "app/window/flow.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <imgui_stdlib.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

using Choice = std::pair<const char*, const char*>;
constexpr std::array<Choice, 2> subjects = {{{"window", "window"}, {"view", "view alone"}}};
constexpr std::array<Choice, 3> formats = {{{"mp4", "MP4"}, {"gif", "GIF"}, {"png", "PNGs"}}};

std::string words_of(const PanelServices& services, const char* id) {
    const Parameter* parameter = services.parameters->find(id);
    return parameter != nullptr ? parameter->tooltip : std::string();
}

template <std::size_t n>
void choose(window::PanelContext& context, const PanelServices& services, const char* id,
            const std::string& now, const std::array<Choice, n>& choices) {
    window::Flow flow;
    for (const auto& [value, title] : choices) {
        if (flow.radio(context, title, now == value)) {
            (void)services.parameters->set(id, value);
        }
    }
}

}  // namespace

void FilmView::draw(window::PanelContext& context) {
    ImGui::SeparatorText("Film");
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted, "shows %s", story().c_str());
    ImGui::PopTextWrapPos();
    draw_choices(context);
    if (film_->running()) {
        draw_running(context);
    } else {
        action_button(context, services_, "record.start",
                      fmt::format("{} record the film", window::icon::record).c_str());
    }
}

std::string FilmView::story() const {
    const ViewState& view = *services_.view;
    if (!view.script.steps.empty()) {
        return fmt::format("the script above, {} steps", view.script.steps.size());
    }
    if (const auto path = view.path.evaluator()) {
        return fmt::format("the flight along the camera path, {:.2f} s", path->duration());
    }
    return "one turn around the scene, 8 s: there is neither a path nor a script";
}

void FilmView::draw_choices(window::PanelContext& context) {
    const RecordChoice& record = services_.view->record;
    if (!window::begin_rows("film")) {
        return;
    }
    window::row_label(context, "Shows", words_of(services_, "record.what"));
    choose(context, services_, "record.what", record.what, subjects);
    window::row_label(context, "Format", words_of(services_, "record.format"));
    choose(context, services_, "record.format", record.format, formats);
    draw_size(context);
    window::row_label(context, "Frames a second", words_of(services_, "record.fps"));
    float fps = static_cast<float>(record.fps);
    if (ImGui::InputFloat("##fps", &fps, 0, 0, "%.3g")) {
        (void)services_.parameters->set("record.fps", fps);
    }
    if (record.format == "mp4") {
        window::row_label(context, "Quality (CRF)", words_of(services_, "record.quality"));
        const char* words = record.quality == 0    ? "%d, lossless"
                            : record.quality <= 20 ? "%d, fine"
                            : record.quality <= 28 ? "%d, medium"
                                                   : "%d, coarse";
        if (int quality = record.quality; ImGui::SliderInt("##quality", &quality, 0, 51, words)) {
            (void)services_.parameters->set("record.quality", quality);
        }
    }
    draw_range(context);
    draw_folder(context);
    window::end_rows();
}

void FilmView::draw_size(window::PanelContext& context) {
    const RecordChoice& record = services_.view->record;
    window::row_label(context, "Size", "Of the film, in pixels, whatever size this window has.");
    const float cross = ImGui::CalcTextSize("x").x;
    const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - cross) / 2 - gap;
    const auto number = [&](const char* id, int value) {
        ImGui::PushID(id);
        ImGui::SetNextItemWidth(width);
        if (ImGui::InputInt("##value", &value, 0)) {
            (void)services_.parameters->set(id, value);
        }
        window::tip(context, words_of(services_, id));
        ImGui::PopID();
    };
    number("record.width", record.width);
    ImGui::SameLine(0, gap);
    ImGui::TextUnformatted("x");
    ImGui::SameLine(0, gap);
    number("record.height", record.height);
}

void FilmView::draw_range(window::PanelContext& context) {
    const RecordChoice& record = services_.view->record;
    window::row_label(context, "From", words_of(services_, "record.from"));
    float from = static_cast<float>(record.from);
    if (ImGui::InputFloat("##from", &from, 0, 0, from > 0 ? "%.2f s" : "the beginning")) {
        (void)services_.parameters->set("record.from", from);
    }
    window::row_label(context, "Length", words_of(services_, "record.seconds"));
    float seconds = static_cast<float>(record.seconds);
    if (ImGui::InputFloat("##seconds", &seconds, 0, 0, seconds > 0 ? "%.2f s" : "until the end")) {
        (void)services_.parameters->set("record.seconds", seconds);
    }
}

void FilmView::draw_folder(window::PanelContext& context) {
    window::row_label(context, "Folder", words_of(services_, "record.folder"));
    const float button = ImGui::GetFrameHeight() * 1.3F;
    ImGui::SetNextItemWidth(-button - ImGui::GetStyle().ItemInnerSpacing.x);
    std::string folder = services_.view->record.folder;
    if (ImGui::InputTextWithHint("##folder", "the current folder", &folder)) {
        (void)services_.parameters->set("record.folder", folder);
    }
    ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
    const std::string why = !PathChooser::available() ? "This desktop has no file dialog (zenity or kdialog)."
                            : chooser_.open()         ? "It is open."
                                                      : "";
    if (window::button(context, window::icon::folder_open, "Choose the folder in the desktop's own dialog.",
                       why, {button, 0})) {
        chooser_.choose_folder("Where films are written");
    }
    if (chooser_.open()) {
        context.animate = true;  // The dialog tells nobody when it is closed.
        if (const auto path = chooser_.take()) {
            (void)services_.parameters->set("record.folder", *path);
        }
    }
}

void FilmView::draw_running(window::PanelContext& context) {
    for (const JobStatus& job : services_.jobs->snapshot()) {
        if (film_->is(job)) {
            ImGui::ProgressBar(static_cast<float>(job.fraction), {-1, 0}, progress_text(job).c_str());
        }
    }
    action_button(context, services_, "record.stop", fmt::format("{} stop", window::icon::stop).c_str());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "You can go on working.");
}

}  // namespace lact::app
