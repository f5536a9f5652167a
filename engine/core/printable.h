#pragma once

#include <string>
#include <string_view>

namespace lact {

// Names of files and texts of their metadata come from anywhere. Control characters in them would command a
// terminal (move the cursor, change its title, answer as if typed), and some reorder text on screen.

/// Text for a terminal or the window. Control characters but the line feed and the tab, bytes that are not
/// UTF-8, and characters that turn the direction of text become escapes: \x1b, \xff, \u202e. Does nothing to
/// its own results.
[[nodiscard]] std::string printable(std::string_view text);

/// The same for what must stay on one line: line feeds and tabs become \n and \t.
[[nodiscard]] std::string printable_line(std::string_view text);

}  // namespace lact
