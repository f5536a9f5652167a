#pragma once

#include "app/window/panel.h"

#include <string_view>

namespace lact::window {

/// Buttons side by side, in as many lines as the width left to them asks for. One object for each such group.
class Flow {
  public:
    /// `gap` in pixels, instead of the theme's.
    explicit Flow(float gap = -1) : gap_(gap) {}
    /// The next item, which the caller draws, is so wide: it goes beside the one before where it fits.
    void next(float width);
    /// A radio button with its tooltip. True: pressed.
    bool radio(const PanelContext& context, const char* label, bool on, std::string_view words = {});
    /// A checkbox with its tooltip. True: pressed, `on` has changed.
    bool checkbox(const PanelContext& context, const char* label, bool& on, std::string_view words = {});
    /// As button() of widgets.h.
    bool button(const PanelContext& context, const char* label, std::string_view words,
                std::string_view why_not = {});

  private:
    /// Of what has a square or round mark before its label.
    static float width_with_mark(const char* label);

    float gap_;
    bool first_ = true;
};

}  // namespace lact::window
