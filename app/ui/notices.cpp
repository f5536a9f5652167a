#include "app/ui/notices.h"

#include "app/runtime/jobs.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

constexpr double note_seconds = 6;
constexpr double warning_seconds = 12;
constexpr double quick_job_seconds = 0.6;  ///< Jobs that end sooner are not worth a look.
constexpr std::size_t most_notes = 4;
constexpr float width_points = 340;

/// Over the panels below the view, beside the right dock, where nothing is hidden that one works with.
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
        // Errors have a dialog; and nobody has asked for anything before the first picture.
        const bool of_start = entry.severity == Severity::note && !services_.snapshot->frame;
        if (entry.severity != Severity::error && !of_start) {
            const double lasts = entry.severity == Severity::note ? note_seconds : warning_seconds;
            notes_.push_back({std::move(entry), now + lasts});
        }
    }
    std::erase_if(notes_, [now](const Note& note) { return note.until <= now; });
    if (notes_.size() > most_notes) {
        notes_.erase(notes_.begin(), notes_.end() - most_notes);
    }
}

void Notices::draw(PanelContext& context) {
    if (!services_.document->show_times) {
        return;
    }
    const double now = ImGui::GetTime();
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
    const bool seen = ImGui::Begin("notices", nullptr,
                                   ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoDocking |
                                       ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                       ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav);
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
    if (seen) {
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
        if (button(context, fmt::format("{} stop", icon::stop).c_str(),
                   "Stop this job; what was there before stays.",
                   job.cancelling ? "It is being stopped." : "", {-1, 0})) {
            services_.dispatch->run(CancelJob{job.id});
        }
        ImGui::PopID();
    }
}

void Notices::draw_notes(PanelContext& context, double now) {
    const bool read = ImGui::IsWindowHovered();
    for (std::size_t i = 0; i < notes_.size(); ++i) {
        Note& note = notes_[i];
        if (read) {
            note.until = std::max(note.until, now + 2);  // It stays while it is being read.
        }
        context.again_in = std::min(context.again_in, static_cast<float>(note.until - now) + 0.02F);
        if (i > 0 || jobs_shown_ > 0) {
            ImGui::Separator();
        }
        const bool warning = note.entry.severity == Severity::warning;
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(warning ? context.colours.warning : ImGui::GetStyleColorVec4(ImGuiCol_Text),
                           "%s %s", warning ? icon::warning : icon::info, note.entry.what.c_str());
        if (!note.entry.where.empty()) {
            ImGui::TextColored(context.colours.muted, "%s", note.entry.where.c_str());
        }
        if (!note.entry.hint.empty()) {
            ImGui::TextUnformatted(note.entry.hint.c_str());
        }
        ImGui::PopTextWrapPos();
    }
}

}  // namespace lact::app
