#pragma once

#include "app/core/panel_data.h"
#include "app/panels/path_timeline.h"
#include "app/program/film_job.h"
#include "app/program/view_state.h"
#include "app/window/flow.h"
#include "app/window/panel.h"

namespace lact::app {

/// The camera path (keys, presets, flying it) and recording films along it.
class RecordPanel {
  public:
    RecordPanel(PanelServices services, const FilmJob& film)
        : services_(services), film_(&film), timeline_(services) {}
    void draw(window::PanelContext& context);
    /// The keys of the camera path.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_path(window::PanelContext& context);
    void draw_keys(window::PanelContext& context);
    void draw_film(window::PanelContext& context);
    void toggle(window::PanelContext& context, window::Flow& flow, const char* id);

    PanelServices services_;
    const FilmJob* film_;
    PathTimeline timeline_;
};

}  // namespace lact::app
