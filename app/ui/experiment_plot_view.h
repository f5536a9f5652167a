#pragma once

#include "app/commands/services.h"
#include "app/figures/tick_labels.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"
#include "engine/experiment/report.h"

#include <optional>
#include <string>

namespace lact::app {

/// Draws the plots of a report: lines, points or bars, with their legend and the value under the pointer. A
/// point that stands for a token shows its patch, in the photos of the other panels, too.
class ExperimentPlotView {
  public:
    explicit ExperimentPlotView(PanelServices services) : services_(services) {}

    /// `fit`: the axes show all values again. `same_tokens`: views and patches of tokens are those of the
    /// open scene and weights. Returns the clicked bar as "SERIES, TICK".
    std::optional<std::string> draw(PanelContext& context, const ExperimentPlot& plot, bool fit,
                                    bool same_tokens);

  private:
    /// A value of a plot.
    struct At {
        std::size_t series = 0;
        std::size_t point = 0;
    };

    static void set_axes(const ExperimentPlot& plot, const TickLabels& ticks);
    static void draw_series(PanelContext& context, const ExperimentPlot& plot);
    [[nodiscard]] static std::optional<At> under_pointer(const PanelContext& context,
                                                         const ExperimentPlot& plot);
    void draw_tooltip(PanelContext& context, const ExperimentPlot& plot, At at, bool same_tokens);
    void draw_token(PanelContext& context, const ExperimentToken& token);

    PanelServices services_;
    ViewTextures photos_;
};

}  // namespace lact::app
