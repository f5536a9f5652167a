#include "app/ui/status_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/runtime/jobs.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

std::string size_text(Size size) {
    return fmt::format("{}x{}", size.width, size.height);
}

std::string megabytes(std::size_t bytes) {
    return fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6);
}

std::string network_text(const ModelConfig& config) {
    return fmt::format("{}, d {}, {} of {}, d_h {}, patch {}", counted(config.layers, "layer"), config.d,
                       counted(config.ttt_heads(), "TTT head"), config.ttt_head, config.fast_hidden(),
                       config.patch);
}

}  // namespace

void StatusPanel::draw(PanelContext& context) {
    draw_state(context);
    draw_jobs(context);
    draw_messages(context);
}

void StatusPanel::draw_state(PanelContext& context) {
    const Snapshot& snapshot = *services_.snapshot;
    if (!begin_rows("status")) {
        return;
    }
    if (const auto& weights = snapshot.weights) {
        row(context, "Weights", weights->name, weights->path.string() + "\nSHA-256 " + weights->sha256);
        row(context, "Network", network_text(weights->config),
            fmt::format("{:.2f} million parameters", static_cast<double>(weights->parameters) / 1e6));
        const auto& families = weights->info.families;
        row(context, "Trained on",
            families.empty() ? std::string("unknown")
                             : fmt::format("{} (generated)", fmt::join(families, ", ")),
            "The families of generated worlds in the training data. Renderings of other content are poor.");
        row(context, "Trained rule", weights->trained_rule_label,
            fmt::format("The update rule of training. As text: {}.", weights->trained_rule_text));
        row(context, "Device", weights->device);
        row(context, "Precision",
            fmt::format("{}, Newton-Schulz {}", to_string(weights->precision),
                        newton_schulz_precision(snapshot.state ? snapshot.state->rule : weights->trained_rule,
                                                weights->precision)),
            "Of matrix products, and of the Newton-Schulz iteration in the update.");
    }
    if (const auto& state = snapshot.state) {
        row_label(context, "Rule", "The current update rule.");
        const RuleStatus status = rule_status(services_);
        ImGui::TextColored(status.colour(context), "%s, %s", rule_label(state->rule).c_str(),
                           status.text.c_str());
        tip(context, "As text: " + state->rule_text);
        row(context, "State",
            fmt::format("from {}   {}", counted(state->input_views, "photo"),
                        services_.document->times(state->set_up_ms)),
            "Set-up writes the input photos into the fast weights, once. Every rendering only reads them.");
        row(context, "Memory", "at most " + megabytes(state->memory_bytes),
            "Upper bound of the memory that set-up needs in addition to the weights.");
    }
    if (snapshot.frame) {
        row(context, "Frame", services_.document->times(snapshot.frame->milliseconds),
            "Apply: time to read the fast weights for one camera.");
    }
    if (const auto& scene = snapshot.scene) {
        draw_sizes(context, *scene);
        row(context, "Poses", scene->normalization, scene->normalization_reason);
    }
    end_rows();
}

/// Selects the image size. Sizes that the weights were not trained on form a separate group.
void StatusPanel::draw_sizes(PanelContext& context, const SceneSummary& scene) {
    row_label(context, "Size",
              "Size of the renderings. Weights do not generalise to sizes outside their training data.");
    const auto& weights = services_.snapshot->weights;
    const bool untrained = scene.training == SizeTraining::untrained;
    const std::string now = size_text(scene.size) + (untrained ? ", not trained on" : "");
    ImGui::PushStyleColor(ImGuiCol_Text,
                          untrained ? context.colours.warning : ImGui::GetStyleColorVec4(ImGuiCol_Text));
    const bool open = ImGui::BeginCombo("##size", now.c_str());
    ImGui::PopStyleColor();
    if (!open) {
        return;
    }
    bool apart = false;
    for (const OfferedSize& offered : weights->sizes) {
        const bool marked = offered.training == SizeTraining::untrained;
        if (marked && !apart) {
            ImGui::SeparatorText("not trained on");
            apart = true;
        }
        ImGui::PushStyleColor(ImGuiCol_Text,
                              marked ? context.colours.muted : ImGui::GetStyleColorVec4(ImGuiCol_Text));
        if (ImGui::Selectable(size_text(offered.size).c_str(), offered.size == scene.size)) {
            services_.dispatch->set("model.size", size_text(offered.size));
        }
        ImGui::PopStyleColor();
    }
    ImGui::EndCombo();
}

void StatusPanel::draw_jobs(PanelContext& context) {
    bool first = true;
    for (const JobStatus& job : services_.snapshot.jobs()) {
        if (job.state != JobState::running) {
            continue;
        }
        if (first) {
            ImGui::SeparatorText("Running");
            first = false;
        }
        ImGui::PushID(static_cast<int>(job.id));
        ImGui::Text("%s%s%s", job.title.c_str(), job.stage.empty() ? "" : ": ", job.stage.c_str());
        ImGui::ProgressBar(static_cast<float>(job.fraction), {-ImGui::GetFontSize() * 5, 0});
        ImGui::SameLine();
        if (button(context, "Stop", "Stop this job and keep the previous state.",
                   job.cancelling ? "The job is stopping." : "")) {
            services_.dispatch->run(CancelJob{job.id});
        }
        ImGui::PopID();
    }
}

void StatusPanel::draw_messages(PanelContext& context) {
    const auto entries = services_.snapshot.log().after(0);
    if (entries.empty()) {
        return;
    }
    ImGui::SeparatorText("Messages");
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const bool error = entry->severity == Severity::error;
        const ImVec4 colour = error                                  ? context.colours.error
                              : entry->severity == Severity::warning ? context.colours.warning
                                                                     : context.colours.muted;
        ImGui::PushTextWrapPos(0);
        ImGui::PushStyleColor(ImGuiCol_Text, colour);
        const std::string times = entry->times > 1 ? fmt::format(" ({} times)", entry->times) : "";
        ImGui::TextWrapped("%s%s%s%s%s%s", entry->where.c_str(), entry->where.empty() ? "" : ": ",
                           entry->what.c_str(), times.c_str(), entry->hint.empty() ? "" : " ",
                           entry->hint.c_str());
        ImGui::PopStyleColor();
        ImGui::PopTextWrapPos();
    }
}

namespace {

constexpr double note_seconds = 6;
constexpr double warning_seconds = 12;
constexpr double offer_seconds = 20;
constexpr double quick_job_seconds = 0.6;  ///< Shorter jobs are not shown.
constexpr std::size_t most_notes = 4;
constexpr float width_points = 340;

/// Lower right corner of the cards: over the panels below the view, left of the right dock.
ImVec2 corner(float margin) {
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    const ImGuiWindow* view = ImGui::FindWindowByName("###View");
    const float right =
        view != nullptr && view->Active ? view->Rect().Max.x : viewport.WorkPos.x + viewport.WorkSize.x;
    return {right - margin, viewport.WorkPos.y + viewport.WorkSize.y - margin};
}

}  // namespace

void Notices::collect(double now) {
    for (LogEntry& entry : services_.snapshot.log().after(seen_)) {
        seen_ = entry.sequence;
        // Errors have a dialog. Notes before the first frame are about start-up, not about a user action.
        const bool at_start = entry.severity == Severity::note && !services_.snapshot->frame;
        if (entry.severity != Severity::error && !at_start && !entry.quiet) {
            const double lasts = entry.severity == Severity::note ? note_seconds : warning_seconds;
            notes_.push_back({std::move(entry), now + lasts});
        }
    }
    collect_remarks(now);
    std::erase_if(notes_, [now](const Note& note) { return note.until <= now; });
    if (notes_.size() > most_notes) {
        notes_.erase(notes_.begin(), notes_.end() - most_notes);
    }
}

std::size_t Notices::about_remarks() const {
    return static_cast<std::size_t>(std::ranges::count_if(notes_, &Note::of_remarks));
}

void Notices::collect_remarks(double now) {
    const auto& scene = services_.snapshot->scene;
    const bool another = scene && scene->sequence != remarked_scene_;
    if (another) {
        remarked_scene_ = scene->sequence;
    }
    const std::size_t count = scene ? services_.document->remarks.shown(*scene).size() : 0;
    std::erase_if(notes_, [&](const Note& note) { return note.of_remarks && (another || count == 0); });
    if (another && count > 0) {
        LogEntry entry;
        entry.severity = Severity::warning;
        entry.what = remarks_title(count);
        entry.where = scene->name;
        notes_.push_back({std::move(entry), now + warning_seconds, true});
    }
}

void Notices::offer_last(double now) {
    if (last_offered_ || !services_.snapshot->frame) {
        return;
    }
    last_offered_ = true;
    const Command* reopen = services_.dispatch->find<ReopenLast>();
    if (reopen == nullptr || !reopen->why_not().empty()) {
        return;
    }
    LogEntry entry;
    entry.what = "open in an earlier run";
    entry.where = reopen->subject ? reopen->subject() : std::string();
    Note note{std::move(entry), now + offer_seconds};
    note.of_last = true;
    notes_.push_back(std::move(note));
}

void Notices::draw(PanelContext& context) {
    if (!services_.document->show_times) {
        return;
    }
    const double now = ImGui::GetTime();
    offer_last(now);
    collect(now);
    const auto jobs = services_.snapshot.jobs();
    std::erase_if(job_began_, [&](const auto& known) {
        return std::ranges::none_of(jobs, [&](const JobStatus& job) {
            return job.id == known.first && job.state == JobState::running;
        });
    });
    jobs_shown_ = 0;
    for (const JobStatus& job : jobs) {
        if (job.state == JobState::running) {
            const double age = now - job_began_.try_emplace(job.id, now).first->second;
            jobs_shown_ += age >= quick_job_seconds ? 1 : 0;
            context.again_in = std::min(context.again_in, 0.5F);
        }
    }
    if (size() == 0) {
        return;
    }
    ImGui::SetNextWindowPos(corner(12 * context.scale), ImGuiCond_Always, {1.0F, 1.0F});
    ImGui::SetNextWindowSize({width_points * context.scale, 0});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ImGui::GetStyleColorVec4(ImGuiCol_PopupBg));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 8 * context.scale);
    const bool visible = ImGui::Begin("notices", nullptr,
                                      ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoDocking |
                                          ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                          ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav);
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
    if (visible) {
        draw_jobs(context, now);
        draw_notes(context, now);
    }
    ImGui::End();
}

void Notices::draw_jobs(PanelContext& context, double now) {
    for (const JobStatus& job : services_.snapshot.jobs()) {
        const auto began = job_began_.find(job.id);
        if (job.state != JobState::running || began == job_began_.end() ||
            now - began->second < quick_job_seconds) {
            continue;
        }
        ImGui::PushID(static_cast<int>(job.id));
        ImGui::TextUnformatted(job.title.c_str());
        const float stop_width = ImGui::GetFontSize() * 4.5F;
        ImGui::ProgressBar(static_cast<float>(job.fraction),
                           {-stop_width - ImGui::GetStyle().ItemSpacing.x, 0}, progress_text(job).c_str());
        ImGui::SameLine();
        if (button(context, fmt::format("{} Stop", icon::stop).c_str(),
                   "Stop this job and keep the previous state.", job.cancelling ? "The job is stopping." : "",
                   {-1, 0})) {
            services_.dispatch->run(CancelJob{job.id});
        }
        ImGui::PopID();
    }
}

void Notices::draw_notes(PanelContext& context, double now) {
    const bool hovered = ImGui::IsWindowHovered();
    for (std::size_t i = 0; i < notes_.size(); ++i) {
        Note& note = notes_[i];
        if (hovered) {
            note.until = std::max(note.until, now + 2);  // A note stays while the pointer is over it.
        }
        context.again_in = std::min(context.again_in, static_cast<float>(note.until - now) + 0.02F);
        if (i > 0 || jobs_shown_ > 0) {
            ImGui::Separator();
        }
        ImGui::PushID(static_cast<int>(i));
        const bool done = draw_note(context, note);
        ImGui::PopID();
        if (done) {
            notes_.erase(notes_.begin() + static_cast<std::ptrdiff_t>(i));
            return;
        }
    }
}

/// Returns whether the note is done.
bool Notices::draw_note(PanelContext& context, const Note& note) {
    const bool warning = note.entry.severity == Severity::warning;
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(warning ? context.colours.warning : ImGui::GetStyleColorVec4(ImGuiCol_Text), "%s %s",
                       warning ? icon::warning : icon::info, note.entry.what.c_str());
    if (!note.entry.where.empty()) {
        ImGui::TextColored(context.colours.muted, "%s", note.entry.where.c_str());
    }
    if (!note.entry.hint.empty()) {
        ImGui::TextUnformatted(note.entry.hint.c_str());
    }
    ImGui::PopTextWrapPos();
    if (note.of_remarks &&
        button(context, "Show them", "The Scene panel lists them until they are dismissed.")) {
        services_.document->remarks.open = true;
        services_.dispatch->run(ShowPanel{"Scene"});
    }
    if (note.of_last && button(context, fmt::format("{} Reopen", icon::reset).c_str(),
                               "Open its scene and weights, at the camera of then.")) {
        services_.dispatch->run(ReopenLast{});
        return true;
    }
    if (note.entry.file.empty()) {
        return false;
    }
    if (button(context, fmt::format("{} Show in folder", icon::folder_open).c_str(),
               "Show the file in the file manager.")) {
        services_.dispatch->run(ShowInFolder{note.entry.file.string()});
    }
    ImGui::SameLine();
    if (button(context, "Copy path", "Copy the full path to the clipboard.")) {
        ImGui::SetClipboardText(note.entry.file.c_str());
    }
    return false;
}

}  // namespace lact::app
