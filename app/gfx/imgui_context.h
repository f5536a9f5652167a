#pragma once

namespace lact::gfx {

/// ImGui's and ImPlot's context for as long as this lives; a display's first member.
class ImGuiOwner {
  public:
    ImGuiOwner();
    ImGuiOwner(const ImGuiOwner&) = delete;
    ImGuiOwner& operator=(const ImGuiOwner&) = delete;
    ~ImGuiOwner();
};

}  // namespace lact::gfx
