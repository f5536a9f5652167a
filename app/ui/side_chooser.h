#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"

#include <string>
#include <vector>

namespace lact::app {

/// Rows that show and select the content of one side of the comparison.
class SideChooser {
  public:
    /// `parameter` is "compare.a" or "compare.b".
    SideChooser(PanelServices services, std::string parameter, SideSpec CompareState::*side)
        : services_(services), parameter_(std::move(parameter)), side_(side) {}
    /// Draws the rows under a header with the spec of the side. `open`: unfolded until the user folds it.
    void draw(PanelContext& context, const char* name, bool open);

    /// Paths of the weight files to choose from: bundled ones, then recent ones.
    [[nodiscard]] std::vector<std::string> offered_weights() const;

  private:
    void draw_kind(PanelContext& context, const SideSpec& spec);
    void draw_rule(PanelContext& context, const SideSpec& spec);
    /// Needs a rule in `spec`.
    void draw_switches(PanelContext& context, const SideSpec& spec);
    void draw_weights(PanelContext& context, const SideSpec& spec);
    void draw_views(PanelContext& context, const SideSpec& spec);
    void draw_form(PanelContext& context, const SideSpec& spec);
    void draw_precision(PanelContext& context, const SideSpec& spec);
    void draw_text(PanelContext& context, const SideSpec& spec);
    void choose(const SideSpec& spec);

    PanelServices services_;
    std::string parameter_;
    SideSpec CompareState::*side_;
    std::vector<std::string> offered_;  ///< offered_weights() when the list of weights was last opened.
    std::string typed_;                 ///< Text during editing, and while it is invalid.
    bool typing_ = false;
    std::string problem_;    ///< Why the text is invalid; empty if it is valid.
    std::string typed_for_;  ///< The side at the time of the text. A change of the side discards the text.
};

}  // namespace lact::app
