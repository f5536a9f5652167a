#pragma once

#include <functional>

struct ImRect;
struct ImGuiWindow;

namespace lact {

/// Told of every item with an id that Dear ImGui adds, also of those outside of the visible part of a window.
/// Tests listen; in the program nobody does, which costs one test of a flag for each item.
struct ItemListener {
    /// `flags`: ImGuiItemFlags of the item. Called when the item is added.
    std::function<void(const ImGuiWindow& window, unsigned id, const ImRect& bounds, int flags)> added;
    /// The label of an item, where its widget reports one.
    std::function<void(unsigned id, const char* label)> labelled;
};

/// Listens to the current context of Dear ImGui until it is called with null. The listener must live until
/// then.
void listen_to_items(const ItemListener* listener);

}  // namespace lact
