#pragma once

#include <imgui.h>

namespace lact::window {

enum class Theme { dark, light };

/// Colours with a meaning, beside those ImGui's widgets take from its style.
struct Palette {
    ImVec4 accent;    ///< Live: what is shown right now (current view, selected matrix). Nothing else.
    ImVec4 good;      ///< An invariant holds.
    ImVec4 warning;   ///< Works, but not as one would expect: "switched at inference".
    ImVec4 error;     ///< Something failed.
    ImVec4 muted;     ///< Secondary text: units, captions.
    ImVec4 backdrop;  ///< Behind pictures.
};

/// Fonts of the program; sizes are given where they are used (ImGui::PushFont(font, size)).
struct Fonts {
    ImFont* text = nullptr;  ///< Roboto, with icons (app/window/icons.h).
    ImFont* bold = nullptr;  ///< Roboto Bold, with icons.
    ImFont* mono = nullptr;  ///< Inconsolata: numbers and paths.
    ImFont* math = nullptr;  ///< Latin Modern Math: formulae.
};

/// Height of the text font in points, before scaling.
inline constexpr float text_size = 15;

/// Loads the embedded fonts into the current ImGui context, once.
[[nodiscard]] Fonts load_fonts();
/// Sets ImGui's and ImPlot's style for a theme, all sizes times `scale`.
void apply_theme(Theme theme, float scale);
[[nodiscard]] const Palette& palette(Theme theme);

}  // namespace lact::window
