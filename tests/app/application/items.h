#pragma once

#include "tests/app/application/running.h"
#include "third_party/imgui_items.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include <imgui_internal.h>

namespace lact::app::test {

/// An item with an id, as it was added in one frame.
struct AddedItem {
    std::string window;
    ImRect inside;  ///< Of the window.
    ImRect bounds;
    int flags = 0;
    int count = 0;
    std::string label;  ///< Empty where it is not visible.
};
using AddedItems = std::map<unsigned, AddedItem>;

inline AddedItems items_of_a_frame(const Running& running) {
    AddedItems items;
    ItemListener listener;
    listener.added = [&items](const ImGuiWindow& window, unsigned id, const ImRect& bounds, int flags) {
        AddedItem& item = items[id];
        item.window = window.Name;
        item.inside = window.InnerRect;
        item.bounds = bounds;
        item.flags = flags;
        ++item.count;
    };
    listener.labelled = [&items](unsigned id, const char* label) { items[id].label = label; };
    listen_to_items(&listener);
    draw_frames(running, 1);
    listen_to_items(nullptr);
    return items;
}

/// The first item of a label; empty where none is visible.
inline std::optional<unsigned> id_of(const AddedItems& items, const std::string& label) {
    const auto found =
        std::ranges::find_if(items, [&](const auto& item) { return item.second.label == label; });
    return found == items.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace lact::app::test
