#pragma once

#include "app/window/panel.h"

#include <string>
#include <string_view>

namespace lact::window {

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

}  // namespace lact::window
