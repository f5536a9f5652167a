#pragma once

#include "app/commands/key_chord.h"
#include "app/gfx/keyboard.h"

#include <map>
#include <string>

#include <imgui.h>

namespace lact::app {

/// Converts a chord to the keys of the US layout in ImGui's form; ImGuiKey_None for a key that ImGui does not
/// know.
[[nodiscard]] ImGuiKeyChord us_chord(const KeyChord& chord);

/// A key chord on the user's keyboard.
struct MappedChord {
    ImGuiKeyChord chord = ImGuiKey_None;  ///< As ImGui reports it.
    std::string shown;                    ///< "Ctrl+O", "$": as the keys are labelled.
};

/// The keys of the user's keyboard layout. Flying uses keys by their places; commands use keys by what they
/// type. Where no key types the character of a command ("]" needs AltGr on a French keyboard), its key is the
/// one at the place of the US layout, shown with the label that it has.
class KeyMap {
  public:
    /// The keyboard must outlive this.
    explicit KeyMap(const gfx::Keyboard& keyboard) : keyboard_(&keyboard) {}

    /// Reads the layout again; true where it changed since the last call, and at the first one.
    bool refresh();

    [[nodiscard]] bool held(ImGuiKey place) const { return keyboard_->held(place); }
    /// The label of the key at `place`, "W" or "É"; what the US layout has there where it is unknown.
    [[nodiscard]] std::string label(ImGuiKey place) const;
    [[nodiscard]] MappedChord map(const KeyChord& chord) const;
    /// Whether the key of a chord is one that flies: at the place of W, A, S, D, Q or E, an arrow, PageUp or
    /// PageDown, without Ctrl or Alt.
    [[nodiscard]] bool flies(ImGuiKeyChord chord) const;
    /// "W A S D Q E or arrows", with the labels of this keyboard.
    [[nodiscard]] std::string flight_keys() const;

  private:
    [[nodiscard]] const std::string& text(ImGuiKey place) const;
    /// The place of the key that ImGui reports as `key`, preferably `key` itself; none: ImGuiKey_None.
    [[nodiscard]] ImGuiKey place_of(ImGuiKey key) const;

    const gfx::Keyboard* keyboard_;
    std::map<ImGuiKey, std::string> texts_;  ///< What keys type, by place; of those that the font can show.
    bool read_ = false;
};

/// The direction of flight by the keys that are held, each component -1, 0 or 1.
struct FlightDirection {
    double forward = 0;  ///< W or Up; S or Down.
    double right = 0;    ///< D or Right; A or Left.
    double up = 0;       ///< E or PageUp; Q or PageDown.
    friend bool operator==(const FlightDirection&, const FlightDirection&) = default;
};
[[nodiscard]] FlightDirection flight_direction(const KeyMap& keys);

}  // namespace lact::app
