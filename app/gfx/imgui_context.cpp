#include "app/gfx/imgui_context.h"

#include <imgui.h>
#include <implot.h>

namespace lact::gfx {

ImGuiOwner::ImGuiOwner() {
    IMGUI_CHECKVERSION();
    ImGui::CreateContext();
    ImPlot::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.ConfigFlags |= ImGuiConfigFlags_DockingEnable | ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigWindowsMoveFromTitleBarOnly = true;
    io.ConfigInputTextCursorBlink = false;  // A blinking cursor would need frames while nothing happens.
    io.IniFilename = nullptr;               // The program stores the layout itself.
    io.LogFilename = nullptr;
}

ImGuiOwner::~ImGuiOwner() {
    ImPlot::DestroyContext();
    ImGui::DestroyContext();
}

}  // namespace lact::gfx
