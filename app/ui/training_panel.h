#pragma once

#include "app/commands/services.h"
#include "app/runtime/training_watch.h"
#include "app/ui/panel.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace lact::app {

/// Running and finished training runs: their curves in one plot and their newest contact sheets.
class TrainingPanel {
  public:
    explicit TrainingPanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    /// The curves; names begin with the run's label if there are several runs.
    [[nodiscard]] PanelData data() const;

  private:
    /// A contact sheet and its texture.
    struct Sheet {
        std::shared_ptr<const Image8> image;
        gfx::Texture texture;
    };
    void draw_run(PanelContext& context, const TrainingView& run, const std::string& label);
    void draw_choices(PanelContext& context);
    void draw_curves(PanelContext& context, const TrainingWatch::Views& runs);
    void draw_sheets(PanelContext& context, const TrainingWatch::Views& runs);

    PanelServices services_;
    std::map<std::filesystem::path, Sheet> sheets_;
};

}  // namespace lact::app
