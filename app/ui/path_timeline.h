#pragma once

#include "app/commands/services.h"
#include "app/ui/camera_images.h"
#include "app/ui/panel.h"

#include <vector>

namespace lact::app {

/// The camera path over time: a bar with the keys on it, which are dragged in time and clicked to look from
/// them, and the place where one is, which is dragged to fly. The pointer over it shows what is seen from
/// there.
class PathTimeline {
  public:
    explicit PathTimeline(PanelServices services) : services_(services), hovered_(services, "path.hovered") {}
    void draw(PanelContext& context);
    /// Where the keys were drawn last, in pixels of the window.
    [[nodiscard]] const std::vector<ImVec2>& key_places() const { return key_places_; }

  private:
    void show_hovered(PanelContext& context, const TrackEvaluator& evaluator, double time);

    /// Seconds to pixels of the bar.
    struct Scale {
        float left = 0;
        float width = 1;
        double start = 0;
        double seconds = 0;

        [[nodiscard]] float x(double time) const;
        [[nodiscard]] double time(float at) const;  ///< Within the bar.
        [[nodiscard]] double time_beyond(float at) const;
    };
    void draw_key(PanelContext& context, const Scale& scale, float middle, std::size_t index, double time);

    PanelServices services_;
    QueriedImage hovered_;
    Scale scale_;            ///< Stays as it is while a key is dragged: the drag would change it.
    bool dragging_ = false;  ///< A key, in the last frame.
    std::vector<ImVec2> key_places_;
};

}  // namespace lact::app
