#pragma once

#include "app/commands/services.h"
#include "app/runtime/log.h"
#include "app/ui/panel.h"

#include <cstdint>
#include <map>
#include <vector>

namespace lact::app {

/// Weights, rule (trained or switched), device, precision, times, memory, running jobs and messages.
class StatusPanel {
  public:
    explicit StatusPanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    void draw_state(PanelContext& context);
    void draw_sizes(PanelContext& context, const SceneSummary& scene);
    void draw_jobs(PanelContext& context);
    void draw_messages(PanelContext& context);

    PanelServices services_;
};

/// Notifications in a corner over the panels: notes and warnings for some seconds, and long jobs with the
/// remaining time and a stop button. The Status panel lists them, too. Recordings do not show them, because
/// their frames must not depend on timing.
class Notices {
  public:
    explicit Notices(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

    /// Number of visible notes and jobs.
    [[nodiscard]] std::size_t size() const { return notes_.size() + jobs_shown_; }
    /// Of these, the notes about remarks on the scene.
    [[nodiscard]] std::size_t about_remarks() const;

  private:
    struct Note {
        LogEntry entry;
        double until = 0;         ///< When it disappears, in seconds of ImGui::GetTime().
        bool of_remarks = false;  ///< About the remarks on the scene, which it offers to show.
        bool of_last = false;     ///< Offers to reopen what was open last.
    };
    /// Once, at the start: what was open last.
    void offer_last(double now);
    void collect(double now);
    /// One note about all remarks on a scene that was opened.
    void collect_remarks(double now);
    [[nodiscard]] bool draw_note(PanelContext& context, const Note& note);
    void draw_jobs(PanelContext& context, double now);
    void draw_notes(PanelContext& context, double now);

    PanelServices services_;
    std::uint64_t seen_ = 0;
    std::uint64_t remarked_scene_ = 0;  ///< SceneSummary::sequence of the last scene.
    std::vector<Note> notes_;
    std::map<std::uint64_t, double> job_began_;  ///< First time a running job was drawn, by job id.
    std::size_t jobs_shown_ = 0;
    bool last_offered_ = false;
};

}  // namespace lact::app
