// The hooks that Dear ImGui calls when it is compiled with IMGUI_ENABLE_TEST_ENGINE.
#include "imgui_items.h"

#include <imgui.h>
#include <imgui_internal.h>

namespace {

const lact::ItemListener* item_listener = nullptr;

}  // namespace

void lact::listen_to_items(const ItemListener* listener) {
    item_listener = listener;
    ImGui::GetCurrentContext()->TestEngineHookItems = listener != nullptr;
}

void ImGuiTestEngineHook_ItemAdd(ImGuiContext* context, ImGuiID id, const ImRect& bounds,
                                 const ImGuiLastItemData* item) {
    if (item_listener != nullptr && context->CurrentWindow != nullptr && item != nullptr) {
        item_listener->added(*context->CurrentWindow, id, bounds, item->ItemFlags);
    }
}

void ImGuiTestEngineHook_ItemInfo(ImGuiContext*, ImGuiID id, const char* label, ImGuiItemStatusFlags) {
    if (item_listener != nullptr && label != nullptr) {
        item_listener->labelled(id, label);
    }
}

void ImGuiTestEngineHook_Log(ImGuiContext*, const char*, ...) {}

const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext*, ImGuiID) {
    return nullptr;
}
