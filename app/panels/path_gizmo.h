#pragma once

#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <cstddef>
#include <optional>
#include <vector>

#include <imgui.h>

namespace lact::app {

/// The camera path in the overview: its line, its keys, which are clicked to look from them, the camera that
/// flies it, and on the selected key a handle that moves or turns it (ImGuizmo).
class PathGizmo {
  public:
    explicit PathGizmo(PanelServices services) : services_(services) {}

    /// The pointer is on the handle, or drags it: nothing below must take the mouse.
    [[nodiscard]] bool takes_mouse() const { return takes_mouse_; }
    /// Where a key was drawn last, for tests.
    [[nodiscard]] std::optional<ImVec2> key_position(std::size_t key) const {
        return key < keys_.size() ? keys_[key] : std::nullopt;
    }
    /// `eye`: the overview's camera for a panel of `size` pixels at `corner` (its principal point need not be
    /// in the middle). Returns the key under the pointer.
    std::optional<std::size_t> draw(window::PanelContext& context, const Camera& eye, ImVec2 corner,
                                    ImVec2 size, double frustum);

  private:
    void draw_handle(const Camera& eye, ImVec2 corner, ImVec2 size);

    PanelServices services_;
    bool takes_mouse_ = false;
    std::vector<std::optional<ImVec2>> keys_;  ///< Where they were drawn; empty behind the eye.
};

}  // namespace lact::app
