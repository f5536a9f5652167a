#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"

#include <string>
#include <vector>

namespace lact::app {

/// Rows that say and choose what one side of the comparison shows.
class SideChooser {
  public:
    /// `parameter` is "compare.a" or "compare.b".
    SideChooser(PanelServices services, std::string parameter, SideSpec CompareState::*side)
        : services_(services), parameter_(std::move(parameter)), side_(side) {}
    /// Under a header that says what it shows; `open`: unfolded until the person folds it.
    void draw(PanelContext& context, const char* name, bool open);

    /// Paths of the weight files to choose from: those that come with the program, then those opened before.
    [[nodiscard]] std::vector<std::string> offered_weights() const;

  private:
    void draw_kind(PanelContext& context, const SideSpec& spec);
    void draw_rule(PanelContext& context, const SideSpec& spec);
    /// Needs a rule in `spec`.
    void draw_switches(PanelContext& context, const SideSpec& spec);
    void draw_weights(PanelContext& context, const SideSpec& spec);
    void draw_views(PanelContext& context, const SideSpec& spec);
    void draw_precision(PanelContext& context, const SideSpec& spec);
    void draw_text(PanelContext& context, const SideSpec& spec);
    void choose(const SideSpec& spec);

    PanelServices services_;
    std::string parameter_;
    SideSpec CompareState::*side_;
    std::string typed_;  ///< While it is being edited, and while it is wrong.
    bool typing_ = false;
    std::string problem_;    ///< Of what was typed.
    std::string typed_for_;  ///< The side when it was typed: another one takes its place.
};

}  // namespace lact::app
