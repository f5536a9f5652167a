#pragma once

#include "app/commands/services.h"
#include "app/runtime/log.h"
#include "app/ui/panel.h"

#include <cstdint>
#include <map>
#include <vector>

namespace lact::app {

/// What a person should see whatever panels are open, in a corner over them: notes and warnings for some
/// seconds, and jobs that take long, with the time left and a way to stop them. All of it stands in the
/// Status panel, too. Not in recordings, which must not depend on when things happened to be said.
class Notices {
  public:
    explicit Notices(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

    /// How many notes and jobs are to be seen.
    [[nodiscard]] std::size_t size() const { return notes_.size() + jobs_shown_; }

  private:
    struct Note {
        LogEntry entry;
        double until = 0;  ///< Seconds of the window's time.
    };
    void collect(double now);
    void draw_jobs(PanelContext& context, double now);
    void draw_notes(PanelContext& context, double now);

    PanelServices services_;
    std::uint64_t seen_ = 0;
    std::vector<Note> notes_;
    std::map<std::uint64_t, double> job_began_;  ///< When a running job was seen first, by its number.
    std::size_t jobs_shown_ = 0;
};

}  // namespace lact::app
