#pragma once

#include "app/panels/path_chooser.h"
#include "app/program/film_job.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// What a film shows, how and where it is written; starting it, and how far it is. A part of the record
/// panel.
class FilmView {
  public:
    FilmView(PanelServices services, const FilmJob& film) : services_(services), film_(&film) {}
    void draw(window::PanelContext& context);

  private:
    void draw_choices(window::PanelContext& context);
    void draw_size(window::PanelContext& context);
    void draw_range(window::PanelContext& context);
    void draw_folder(window::PanelContext& context);
    void draw_running(window::PanelContext& context);
    /// "the script, 12 steps": what the film will show.
    [[nodiscard]] std::string story() const;

    PanelServices services_;
    const FilmJob* film_;
    PathChooser chooser_;
};

}  // namespace lact::app
