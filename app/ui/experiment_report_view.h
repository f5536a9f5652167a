#pragma once

#include "app/commands/services.h"
#include "app/ui/experiment_plot_view.h"
#include "app/ui/panel.h"

#include <memory>
#include <string>
#include <vector>

namespace lact::app {

/// Draws the report of an experiment: what it found and whether that agrees with the paper, plots, tables,
/// images, and how it was made.
class ExperimentReportView {
  public:
    explicit ExperimentReportView(PanelServices services) : services_(services), plots_(services) {}

    /// `outcome` has a report.
    void draw(PanelContext& context, const ExperimentOutcome& outcome);

  private:
    struct Picture {
        std::shared_ptr<const ExperimentReport> of;  ///< The report whose image it shows.
        gfx::Texture texture;
    };

    void draw_finding(PanelContext& context, const ExperimentOutcome& outcome) const;
    void draw_plots(PanelContext& context, const ExperimentOutcome& outcome);
    void draw_tables(PanelContext& context, const ExperimentReport& report);
    void draw_cells(PanelContext& context, const ExperimentReport& report,
                    const ExperimentTable& table) const;
    void draw_images(PanelContext& context, const std::shared_ptr<const ExperimentReport>& report);
    void draw_large(PanelContext& context, const std::shared_ptr<const ExperimentReport>& report);
    [[nodiscard]] const gfx::Texture& picture(PanelContext& context,
                                              const std::shared_ptr<const ExperimentReport>& report,
                                              std::size_t index);
    /// Shows that image large; shown already, no longer.
    void show(const std::string& image) const;

    PanelServices services_;
    ExperimentPlotView plots_;
    std::vector<Picture> pictures_;
    std::shared_ptr<const ExperimentReport> fitted_;  ///< The axes of its plots show all of it.
};

}  // namespace lact::app
