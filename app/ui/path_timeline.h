#pragma once

#include "app/commands/services.h"
#include "app/ui/camera_images.h"
#include "app/ui/panel.h"

#include <vector>

namespace lact::app {

/// The timeline of the camera path. Dragging a key changes its time; a click moves the camera to it. Dragging
/// the bar moves the camera along the path. A tooltip shows the rendering at the time under the pointer.
class PathTimeline {
  public:
    explicit PathTimeline(PanelServices services) : services_(services), hovered_(services, "path.hovered") {}
    void draw(PanelContext& context);
    /// Positions of the keys in the last draw(), in pixels of the window.
    [[nodiscard]] const std::vector<ImVec2>& key_places() const { return key_places_; }

  private:
    void show_hovered(PanelContext& context, const TrackEvaluator& evaluator, double time);

    /// Maps seconds to pixels of the bar.
    struct Scale {
        float left = 0;
        float width = 1;
        double start = 0;
        double seconds = 0;

        [[nodiscard]] float x(double time) const;
        [[nodiscard]] double time(float at) const;  ///< Clamped to the bar.
        [[nodiscard]] double time_beyond(float at) const;
    };
    void draw_key(PanelContext& context, const Scale& scale, float middle, std::size_t index, double time);

    PanelServices services_;
    QueriedImage hovered_;
    Scale scale_;                ///< Constant during the drag of a key, which changes the duration.
    bool dragging_ = false;      ///< A key is dragged in this frame,
    bool was_dragging_ = false;  ///< and in the last one: its release is no click.
    std::vector<ImVec2> key_places_;
};

}  // namespace lact::app
