#pragma once

#include "app/ui/panel.h"

#include <string>
#include <string_view>

namespace lact::app {

/// A tooltip for the last item, wrapped; `why_not` is shown below in the warning colour, also while the item
/// is disabled: why it cannot be used now.
void tip(const PanelContext& context, std::string_view words, std::string_view why_not = {});

/// A button that is disabled while `why_not` says why, with both as its tooltip. True: pressed.
bool button(const PanelContext& context, const char* label, std::string_view words,
            std::string_view why_not = {}, ImVec2 size = {0, 0});

/// Rows of a name and a value: `if (begin_rows("id")) { row(…); end_rows(); }`.
[[nodiscard]] bool begin_rows(const char* id);
/// A row whose value is text.
void row(const PanelContext& context, const char* name, std::string_view value, std::string_view words = {});
/// Starts a row; the next item is its value and fills the rest of the width.
void row_label(const PanelContext& context, const char* name, std::string_view words = {});
void end_rows();

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

}  // namespace lact::app
