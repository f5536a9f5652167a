#include "app/ui/theme.h"

#include "embedded/embedded_fonts.h"

#include <cstddef>
#include <cstdio>
#include <span>

#include <implot.h>

namespace lact::app {

namespace {

constexpr ImVec4 rgb(unsigned hex, float alpha = 1) {
    return {static_cast<float>(hex >> 16 & 255U) / 255.0F, static_cast<float>(hex >> 8 & 255U) / 255.0F,
            static_cast<float>(hex & 255U) / 255.0F, alpha};
}

constexpr Palette dark_palette{rgb(0x3cc0e6), rgb(0x5fb878), rgb(0xe0b450),
                               rgb(0xe5605a), rgb(0x8f98a5), rgb(0x0d0f12)};
constexpr Palette light_palette{rgb(0x0077a8), rgb(0x2d8a4a), rgb(0x9a6b00),
                                rgb(0xc0332c), rgb(0x626b78), rgb(0xd9dce1)};

/// Grey levels of a theme.
struct Tones {
    ImVec4 text;
    ImVec4 window;  ///< Panels.
    ImVec4 bar;     ///< Title and menu bars.
    ImVec4 popup;
    ImVec4 frame;  ///< Fields and buttons; `hovered` and `pressed` are their states.
    ImVec4 hovered;
    ImVec4 pressed;
    ImVec4 border;
};
constexpr Tones dark_tones{rgb(0xe3e6ea), rgb(0x1b1e23), rgb(0x14161a), rgb(0x22262c),
                           rgb(0x2b3038), rgb(0x38404a), rgb(0x465160), rgb(0x30353d)};
constexpr Tones light_tones{rgb(0x1c2127), rgb(0xf7f8fa), rgb(0xe6e9ed), rgb(0xffffff),
                            rgb(0xdfe3e8), rgb(0xcfd6de), rgb(0xbcc6d1), rgb(0xc9cfd6)};

ImVec4 faded(ImVec4 colour, float alpha) {
    colour.w = alpha;
    return colour;
}

ImVec4 mixed(ImVec4 a, ImVec4 b, float share) {
    return {a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share, a.z + (b.z - a.z) * share, 1};
}

void set_colours(ImGuiStyle& style, const Tones& t, const Palette& p) {
    ImVec4* c = static_cast<ImVec4*>(style.Colors);
    c[ImGuiCol_Text] = t.text;
    c[ImGuiCol_TextDisabled] = p.muted;
    c[ImGuiCol_WindowBg] = c[ImGuiCol_ChildBg] = t.window;
    c[ImGuiCol_ChildBg].w = 0;
    c[ImGuiCol_PopupBg] = t.popup;
    c[ImGuiCol_Border] = t.border;
    c[ImGuiCol_BorderShadow] = {};
    c[ImGuiCol_FrameBg] = c[ImGuiCol_Button] = t.frame;
    c[ImGuiCol_FrameBgHovered] = c[ImGuiCol_ButtonHovered] = t.hovered;
    c[ImGuiCol_FrameBgActive] = c[ImGuiCol_ButtonActive] = t.pressed;
    c[ImGuiCol_TitleBg] = c[ImGuiCol_TitleBgActive] = c[ImGuiCol_TitleBgCollapsed] = t.bar;
    c[ImGuiCol_MenuBarBg] = c[ImGuiCol_DockingEmptyBg] = t.bar;
    c[ImGuiCol_ScrollbarBg] = {};
    c[ImGuiCol_ScrollbarGrab] = t.hovered;
    c[ImGuiCol_ScrollbarGrabHovered] = c[ImGuiCol_ScrollbarGrabActive] = t.pressed;
    c[ImGuiCol_Header] = t.frame;
    c[ImGuiCol_HeaderHovered] = t.hovered;
    c[ImGuiCol_HeaderActive] = t.pressed;
    c[ImGuiCol_Separator] = t.border;
    c[ImGuiCol_SeparatorHovered] = c[ImGuiCol_SeparatorActive] = t.pressed;
    c[ImGuiCol_ResizeGrip] = {};
    c[ImGuiCol_ResizeGripHovered] = c[ImGuiCol_ResizeGripActive] = t.pressed;
    c[ImGuiCol_Tab] = c[ImGuiCol_TabDimmed] = t.bar;
    c[ImGuiCol_TabSelected] = c[ImGuiCol_TabDimmedSelected] = t.window;
    c[ImGuiCol_TabHovered] = t.hovered;
    c[ImGuiCol_TabSelectedOverline] = c[ImGuiCol_TabDimmedSelectedOverline] = {};
    c[ImGuiCol_CheckMark] = t.text;
    // The text of a slider or progress bar may lie on its filled part: contrast at least 4.5:1.
    c[ImGuiCol_SliderGrab] = mixed(t.pressed, t.text, 0.12F);
    c[ImGuiCol_SliderGrabActive] = mixed(t.pressed, t.text, 0.25F);
    c[ImGuiCol_CheckboxSelectedBg] = t.pressed;
    c[ImGuiCol_InputTextCursor] = t.text;
    c[ImGuiCol_TextSelectedBg] = faded(t.pressed, 0.8F);
    c[ImGuiCol_DockingPreview] = faded(t.pressed, 0.7F);
    c[ImGuiCol_NavCursor] = t.text;
    c[ImGuiCol_DragDropTarget] = t.text;
    c[ImGuiCol_TableHeaderBg] = t.bar;
    c[ImGuiCol_TableBorderStrong] = c[ImGuiCol_TableBorderLight] = t.border;
    c[ImGuiCol_PlotLines] = t.text;
    c[ImGuiCol_PlotHistogram] = c[ImGuiCol_SliderGrab];  // Progress bars.
    c[ImGuiCol_ModalWindowDimBg] = {0, 0, 0, 0.45F};
}

ImFont* add_font(std::span<const std::byte> bytes, const char* name) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    std::snprintf(static_cast<char*>(config.Name), sizeof(config.Name), "%s", name);
    // The interface is not const-correct. ImGui only reads fonts that it does not own.
    void* data = const_cast<std::byte*>(bytes.data());
    return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(data, static_cast<int>(bytes.size()), text_size,
                                                      &config);
}

void add_icons(std::span<const std::byte> bytes) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.MergeMode = true;
    config.GlyphMinAdvanceX = text_size * 1.2F;  // One width for all icons, so that titles align.
    config.GlyphOffset = {0, 1};
    void* data = const_cast<std::byte*>(bytes.data());
    ImGui::GetIO().Fonts->AddFontFromMemoryTTF(data, static_cast<int>(bytes.size()), text_size * 0.85F,
                                               &config);
}

/// Adds the characters that the font added last lacks.
void add_missing(std::span<const std::byte> bytes) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.MergeMode = true;
    void* data = const_cast<std::byte*>(bytes.data());
    ImGui::GetIO().Fonts->AddFontFromMemoryTTF(data, static_cast<int>(bytes.size()), text_size, &config);
}

/// Adds mathematical symbols.
void add_signs() {
    add_missing(embedded_fonts::latinmodern_math);
}

}  // namespace

const Palette& palette(Theme theme) {
    return theme == Theme::dark ? dark_palette : light_palette;
}

Fonts load_fonts() {
    Fonts fonts;
    fonts.text = add_font(embedded_fonts::roboto_regular, "Roboto");
    add_icons(embedded_fonts::font_awesome_6_free_solid_900);
    add_signs();
    fonts.bold = add_font(embedded_fonts::roboto_bold, "Roboto Bold");
    add_icons(embedded_fonts::font_awesome_6_free_solid_900);
    add_signs();
    fonts.mono = add_font(embedded_fonts::inconsolata_medium, "Inconsolata");
    add_signs();
    fonts.math = add_font(embedded_fonts::latinmodern_math, "Latin Modern Math");
    add_missing(embedded_fonts::roboto_regular);  // Fractions and powers.
    return fonts;
}

void apply_theme(Theme theme, float scale) {
    ImGuiStyle style;
    if (theme == Theme::dark) {
        ImGui::StyleColorsDark(&style);
    } else {
        ImGui::StyleColorsLight(&style);
    }
    style.WindowPadding = {10, 8};
    style.FramePadding = {8, 4};
    style.ItemSpacing = {8, 6};
    style.ItemInnerSpacing = {6, 4};
    style.CellPadding = {6, 3};
    style.ScrollbarSize = 11;
    style.WindowBorderSize = style.PopupBorderSize = 1;
    style.FrameBorderSize = 0;
    style.WindowRounding = 4;
    style.ChildRounding = style.FrameRounding = style.PopupRounding = style.GrabRounding = 4;
    style.TabRounding = 3;
    style.TabBarBorderSize = 0;
    style.TabBarOverlineSize = 0;
    style.TabCloseButtonMinWidthSelected = style.TabCloseButtonMinWidthUnselected = 0;  // Only when hovered.
    style.DockingSeparatorSize = 2;
    style.WindowMenuButtonPosition = ImGuiDir_None;
    style.SeparatorTextBorderSize = 1;
    style.DisabledAlpha = 0.45F;
    set_colours(style, theme == Theme::dark ? dark_tones : light_tones, palette(theme));
    style.ScaleAllSizes(scale);
    style.FontSizeBase = text_size;
    style.FontScaleDpi = scale;
    ImGui::GetStyle() = style;
    ImPlot::GetStyle() = ImPlotStyle();  // Colours follow ImGui's.
    ImPlot::GetStyle().PlotBorderSize = 0;
    ImPlot::GetStyle().FitPadding = {0.02F, 0.08F};  // The frame does not clip the extremes.
}

}  // namespace lact::app
