#pragma once

#include "app/ui/panel.h"

#include <string>
#include <string_view>

namespace lact::app {

/// Shows a wrapped tooltip for the last item, also while the item is disabled. `why_not` says why the item is
/// disabled; it follows in the warning colour.
void tip(const PanelContext& context, std::string_view tooltip, std::string_view why_not = {});

/// Draws a button with a tooltip; a non-empty `why_not` disables it. Returns true if it is pressed.
bool button(const PanelContext& context, const char* label, std::string_view tooltip,
            std::string_view why_not = {}, ImVec2 size = {0, 0});

/// The motion of the pointer, in pixels, while the last item is held down; zero in the frame of the press:
/// what came before it in that frame, which a slow frame makes long, is no drag.
[[nodiscard]] ImVec2 dragged_by();

/// Begins a table of names and values: `if (begin_rows("id")) { row(…); end_rows(); }`.
[[nodiscard]] bool begin_rows(const char* id);
/// Draws a row whose value is text.
void row(const PanelContext& context, const char* name, std::string_view value,
         std::string_view tooltip = {});
/// Begins a row. The next item is its value and fills the rest of the width.
void row_label(const PanelContext& context, const char* name, std::string_view tooltip = {});
void end_rows();

/// Places items side by side and wraps them to the available width. Use one object per group.
class Flow {
  public:
    /// `gap` in pixels, instead of the theme's.
    explicit Flow(float gap = -1) : gap_(gap) {}
    /// Announces the next item, which the caller draws, and its width in pixels.
    void next(float width);
    /// Draws a radio button with a tooltip. Returns true if it is pressed.
    bool radio(const PanelContext& context, const char* label, bool on, std::string_view tooltip = {});
    /// Draws a checkbox with a tooltip. Returns true if `on` changes.
    bool checkbox(const PanelContext& context, const char* label, bool& on, std::string_view tooltip = {});
    /// Draws a button as lact::app::button() does.
    bool button(const PanelContext& context, const char* label, std::string_view tooltip,
                std::string_view why_not = {});

  private:
    /// Width of a radio button or checkbox with this label, in pixels.
    static float width_with_mark(const char* label);

    float gap_;
    bool first_ = true;
};

}  // namespace lact::app
