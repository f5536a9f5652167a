#pragma once

#include <imgui.h>

namespace lact::app {

enum class Theme { dark, light };

/// Colours with a meaning. ImGui's widgets take the others from its style.
struct Palette {
    ImVec4 accent;    ///< Only for the current selection: camera, patch, matrix.
    ImVec4 good;      ///< An invariant holds.
    ImVec4 warning;   ///< Works with a caveat, such as "switched at inference".
    ImVec4 error;     ///< Something failed.
    ImVec4 muted;     ///< Secondary text: units, captions.
    ImVec4 backdrop;  ///< Behind images.
};

/// Fonts of the program. ImGui::PushFont(font, size) sets the size.
struct Fonts {
    ImFont* text = nullptr;  ///< Roboto, with icons (namespace icon).
    ImFont* bold = nullptr;  ///< Roboto Bold, with icons.
    ImFont* mono = nullptr;  ///< Inconsolata: numbers and paths.
    ImFont* math = nullptr;  ///< Latin Modern Math: formulae.
};

/// Height of the text font in points, unscaled.
inline constexpr float text_size = 15;

/// Loads the embedded fonts into the current ImGui context. Call it once.
[[nodiscard]] Fonts load_fonts();
/// Sets the style of ImGui and ImPlot for a theme; multiplies all sizes by `scale`.
void apply_theme(Theme theme, float scale);
[[nodiscard]] const Palette& palette(Theme theme);

}  // namespace lact::app

namespace lact::app::icon {

/// Glyphs of Font Awesome 6 Free Solid as UTF-8. The text and bold fonts contain them.
inline constexpr const char* images = "\xef\x8c\x82";       // f302
inline constexpr const char* image = "\xef\x80\xbe";        // f03e
inline constexpr const char* camera = "\xef\x80\xb0";       // f030
inline constexpr const char* cube = "\xef\x86\xb2";         // f1b2
inline constexpr const char* grid = "\xef\x80\x8a";         // f00a table-cells
inline constexpr const char* sliders = "\xef\x87\x9e";      // f1de
inline constexpr const char* gauge = "\xef\x98\xa4";        // f624
inline constexpr const char* eye = "\xef\x81\xae";          // f06e
inline constexpr const char* eye_off = "\xef\x81\xb0";      // f070 eye-slash
inline constexpr const char* level = "\xef\x81\xa8";        // f068 minus: the horizon
inline constexpr const char* folder_open = "\xef\x81\xbc";  // f07c
inline constexpr const char* save = "\xef\x83\x87";         // f0c7
inline constexpr const char* play = "\xef\x81\x8b";         // f04b
inline constexpr const char* stop = "\xef\x81\x8d";         // f04d
inline constexpr const char* record = "\xef\x84\x91";       // f111
inline constexpr const char* reset = "\xef\x80\x9e";        // f01e rotate-right
inline constexpr const char* gear = "\xef\x80\x93";         // f013
inline constexpr const char* help = "\xef\x81\x99";         // f059
inline constexpr const char* info = "\xef\x81\x9a";         // f05a
inline constexpr const char* warning = "\xef\x81\xb1";      // f071
inline constexpr const char* error = "\xef\x81\x97";        // f057
inline constexpr const char* check = "\xef\x80\x8c";        // f00c
inline constexpr const char* cross = "\xef\x80\x8d";        // f00d
inline constexpr const char* lock = "\xef\x80\xa3";         // f023
inline constexpr const char* unlock = "\xef\x82\x9c";       // f09c
inline constexpr const char* search = "\xef\x80\x82";       // f002
inline constexpr const char* previous = "\xef\x81\x93";     // f053
inline constexpr const char* next = "\xef\x81\x94";         // f054
inline constexpr const char* expand = "\xef\x81\xa5";       // f065
inline constexpr const char* home = "\xef\x80\x95";         // f015
inline constexpr const char* chart = "\xef\x88\x81";        // f201
inline constexpr const char* bolt = "\xef\x83\xa7";         // f0e7
inline constexpr const char* adjust = "\xef\x81\x82";       // f042 half circle: themes
inline constexpr const char* flask = "\xef\x83\x83";        // f0c3
inline constexpr const char* clock = "\xef\x80\x97";        // f017
inline constexpr const char* file = "\xef\x85\x9b";         // f15b
inline constexpr const char* up = "\xef\x81\xa2";           // f062 arrow-up
inline constexpr const char* undo = "\xef\x8b\xaa";         // f2ea rotate-left
inline constexpr const char* microchip = "\xef\x8b\x9b";    // f2db

}  // namespace lact::app::icon
