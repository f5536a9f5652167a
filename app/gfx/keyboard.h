#pragma once

#include <span>
#include <string>
#include <string_view>

#include <imgui.h>

namespace lact::gfx {

/// The keys of a keyboard by their places. A place is named by the key that the US layout has there: the key
/// at ImGuiKey_W types "z" on a French keyboard (AZERTY) and a comma in the Dvorak layout. ImGui itself names
/// keys by what they type, see reported_key().
class Keyboard {
  public:
    Keyboard() = default;
    Keyboard(const Keyboard&) = delete;
    Keyboard& operator=(const Keyboard&) = delete;
    virtual ~Keyboard() = default;

    /// Whether the key at `place` is down in this frame.
    [[nodiscard]] virtual bool held(ImGuiKey place) const = 0;
    /// What the key at `place` types without modifiers, as UTF-8; empty where it types nothing printable or
    /// that is unknown.
    [[nodiscard]] virtual std::string text(ImGuiKey place) const = 0;
};

/// A keyboard with the US layout whose keys are those of ImGui's events: for displays without a window.
class UsKeyboard final : public Keyboard {
  public:
    [[nodiscard]] bool held(ImGuiKey place) const override { return ImGui::IsKeyDown(place); }
    [[nodiscard]] std::string text(ImGuiKey place) const override;
};

/// The places of the keys that type a character: digits, letters, punctuation, and the key between the left
/// Shift key and Z that European keyboards have (ImGuiKey_Oem102).
[[nodiscard]] std::span<const ImGuiKey> typing_places();

/// The key of the US layout that types `text`: a letter in either case, a digit or a punctuation mark;
/// ImGuiKey_None where no key of its own does.
[[nodiscard]] ImGuiKey us_key(std::string_view text);

/// The key that ImGui reports for the key at `place`, which types `text`: the US key that types the same, or
/// else `place`. This is what ImGui's GLFW back end does.
[[nodiscard]] ImGuiKey reported_key(ImGuiKey place, std::string_view text);

}  // namespace lact::gfx
