#pragma once

#include "app/core/panel_data.h"
#include "app/panels/film_view.h"
#include "app/panels/path_timeline.h"
#include "app/panels/script_view.h"
#include "app/program/view_state.h"
#include "app/window/flow.h"
#include "app/window/panel.h"

namespace lact::app {

/// The camera path (keys, presets, flying it), the script, and films of them.
class RecordPanel {
  public:
    RecordPanel(PanelServices services, const FilmJob& film)
        : services_(services), timeline_(services), script_(services), film_(services, film) {}
    void draw(window::PanelContext& context);
    /// The keys of the camera path.
    [[nodiscard]] PanelData data() const;
    [[nodiscard]] const PathTimeline& timeline() const { return timeline_; }

  private:
    void draw_path(window::PanelContext& context);
    void draw_keys(window::PanelContext& context);
    void toggle(window::PanelContext& context, window::Flow& flow, const char* id);

    PanelServices services_;
    PathTimeline timeline_;
    ScriptView script_;
    FilmView film_;
};

}  // namespace lact::app
