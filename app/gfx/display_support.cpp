#include "app/gfx/display_support.h"

#include <chrono>
#include <cstddef>
#include <new>

#include <imgui.h>
#include <implot.h>

namespace lact::gfx {

const Keyboard& Display::keyboard() const {
    static const UsKeyboard us;
    return us;
}

namespace {

/// Dear ImGui and ImPlot use what they get without a look: where there is no memory, this throws, as
/// everywhere else.
void* allocate_or_throw(std::size_t size, void* /*user*/) {
    return ::operator new(size);
}
void release(void* memory, void* /*user*/) {
    ::operator delete(memory);
}

}  // namespace

ImGuiOwner::ImGuiOwner() {
    IMGUI_CHECKVERSION();
    ImGui::SetAllocatorFunctions(allocate_or_throw, release);
    ImGui::CreateContext();
    ImPlot::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.ConfigFlags |= ImGuiConfigFlags_DockingEnable | ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigWindowsMoveFromTitleBarOnly = true;
#ifdef NDEBUG
    io.ConfigDebugHighlightIdConflicts = false;  // For developers; a test finds such conflicts.
#endif
    io.ConfigInputTextCursorBlink = false;  // A blinking cursor would need frames while idle.
    io.IniFilename = nullptr;               // The program stores the layout itself.
    io.LogFilename = nullptr;
}

ImGuiOwner::~ImGuiOwner() {
    ImPlot::DestroyContext();
    ImGui::DestroyContext();
}

Wake Waker::wait(std::optional<double> seconds) {
    std::unique_lock lock(mutex_);
    const auto woken = [this] { return woken_; };
    if (!seconds) {
        changed_.wait(lock, woken);
    } else {
        changed_.wait_for(lock, std::chrono::duration<double>(*seconds), woken);
    }
    const bool was = woken_;
    woken_ = false;
    return was ? Wake::request : Wake::timeout;
}

void Waker::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

}  // namespace lact::gfx
