#pragma once

#include "app/gfx/keyboard.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace lact::app::test {

/// A key of a layout that differs from the US one: what it types, and the key that ImGui reports for it.
struct LayoutKey {
    std::string text;
    ImGuiKey reported = ImGuiKey_None;
};
/// By place. Places that are not listed are as on a US keyboard.
using Layout = std::map<ImGuiKey, LayoutKey>;

/// French: the keys around the letters that trade places, and those of brackets, point and digits.
inline Layout azerty() {
    return {{ImGuiKey_W, {"z", ImGuiKey_Z}},
            {ImGuiKey_Z, {"w", ImGuiKey_W}},
            {ImGuiKey_A, {"q", ImGuiKey_Q}},
            {ImGuiKey_Q, {"a", ImGuiKey_A}},
            {ImGuiKey_Semicolon, {"m", ImGuiKey_M}},
            {ImGuiKey_M, {",", ImGuiKey_Comma}},
            {ImGuiKey_Comma, {";", ImGuiKey_Semicolon}},
            {ImGuiKey_Period, {":", ImGuiKey_Period}},
            {ImGuiKey_Slash, {"!", ImGuiKey_Slash}},
            {ImGuiKey_LeftBracket, {"^", ImGuiKey_LeftBracket}},
            {ImGuiKey_RightBracket, {"$", ImGuiKey_RightBracket}},
            {ImGuiKey_Apostrophe, {"\xc3\xb9", ImGuiKey_Apostrophe}},
            {ImGuiKey_8, {"_", ImGuiKey_8}},
            {ImGuiKey_6, {"-", ImGuiKey_Minus}},
            {ImGuiKey_Minus, {")", ImGuiKey_Minus}}};
}

inline Layout dvorak() {
    return {{ImGuiKey_W, {",", ImGuiKey_Comma}},
            {ImGuiKey_E, {".", ImGuiKey_Period}},
            {ImGuiKey_Q, {"'", ImGuiKey_Apostrophe}},
            {ImGuiKey_S, {"o", ImGuiKey_O}},
            {ImGuiKey_D, {"e", ImGuiKey_E}},
            {ImGuiKey_R, {"p", ImGuiKey_P}},
            {ImGuiKey_Y, {"f", ImGuiKey_F}},
            {ImGuiKey_F, {"u", ImGuiKey_U}},
            {ImGuiKey_Period, {"v", ImGuiKey_V}},
            {ImGuiKey_V, {"k", ImGuiKey_K}},
            {ImGuiKey_Comma, {"w", ImGuiKey_W}},
            {ImGuiKey_P, {"l", ImGuiKey_L}},
            {ImGuiKey_L, {"n", ImGuiKey_N}},
            {ImGuiKey_Minus, {"[", ImGuiKey_LeftBracket}},
            {ImGuiKey_Equal, {"]", ImGuiKey_RightBracket}},
            {ImGuiKey_LeftBracket, {"/", ImGuiKey_Slash}},
            {ImGuiKey_RightBracket, {"=", ImGuiKey_Equal}},
            {ImGuiKey_Apostrophe, {"-", ImGuiKey_Minus}},
            {ImGuiKey_K, {"t", ImGuiKey_T}},
            {ImGuiKey_T, {"y", ImGuiKey_Y}}};
}

/// A French ergonomic layout: the key at the place of W types an accented letter, so that ImGui reports two
/// keys as W.
inline Layout bepo() {
    return {{ImGuiKey_W, {"\xc3\xa9", ImGuiKey_W}}, {ImGuiKey_RightBracket, {"w", ImGuiKey_W}}};
}

/// A keyboard with fingers: keys are pressed by place, and ImGui gets the events that its back end sends.
class SimulatedKeyboard final : public gfx::Keyboard {
  public:
    explicit SimulatedKeyboard(Layout layout = {}) : layout_(std::move(layout)) {}

    [[nodiscard]] bool held(ImGuiKey place) const override { return down_.contains(place); }
    [[nodiscard]] std::string text(ImGuiKey place) const override {
        const auto found = layout_.find(place);
        return found != layout_.end() ? found->second.text : gfx::UsKeyboard().text(place);
    }

    void press(ImGuiKey place, bool down = true) {
        if (down) {
            down_.insert(place);
        } else {
            down_.erase(place);
        }
        const auto found = layout_.find(place);
        ImGui::GetIO().AddKeyEvent(found != layout_.end() ? found->second.reported : place, down);
    }
    /// As if the user chose another layout in the settings of the system.
    void set_layout(Layout layout) { layout_ = std::move(layout); }

  private:
    Layout layout_;
    std::set<ImGuiKey> down_;
};

}  // namespace lact::app::test
