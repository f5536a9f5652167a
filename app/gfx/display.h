#pragma once

#include "app/gfx/canvas.h"
#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lact::gfx {

/// Why a wait ended.
enum class Wake {
    timeout,
    input,    ///< The person or the window system did something.
    request,  ///< Display::wake was called.
};

struct DisplayInfo {
    std::string name;       ///< "vulkan", "offscreen" or "null".
    std::string device;     ///< As the driver names it; empty without Vulkan.
    bool software = false;  ///< The GPU is emulated on the CPU.
};

/// Where frames go: a window, an image nobody sees, or nowhere. Owns the ImGui context: one display at a
/// time. Everything but wake() belongs to the thread that made it.
class Display {
  public:
    Display() = default;
    Display(const Display&) = delete;
    Display& operator=(const Display&) = delete;
    virtual ~Display() = default;

    [[nodiscard]] virtual const DisplayInfo& info() const = 0;
    [[nodiscard]] virtual Canvas& canvas() = 0;

    /// Waits for something to happen, at most `seconds` (for ever when empty, not at all when 0).
    virtual Wake wait(std::optional<double> seconds) = 0;
    /// Ends a wait at once, or the next one; from any thread.
    virtual void wake() = 0;
    [[nodiscard]] virtual bool should_close() const { return false; }
    virtual void set_should_close(bool /*close*/) {}

    /// Files dropped on the window since the last call.
    [[nodiscard]] virtual std::vector<std::filesystem::path> take_dropped() { return {}; }
    /// Pixels a point of the layout covers: 1 on ordinary monitors, 2 on high-density ones.
    [[nodiscard]] virtual float content_scale() const { return 1; }
    /// Changes the size of the window, in the window system's units: pixels, but for Wayland's scaled ones.
    virtual void resize(int width, int height) = 0;
    /// Width and height in the units of resize().
    [[nodiscard]] virtual std::array<int, 2> size() const = 0;

    /// Prepares ImGui for a frame, before ImGui::NewFrame(). False: nothing can be seen (minimised), no
    /// frame.
    [[nodiscard]] virtual Result<bool> begin_frame() = 0;
    /// Draws and shows what ImGui::Render() left. With `capture`, also reads back what is shown (RGB).
    [[nodiscard]] virtual Result<void> end_frame(Image8* capture) = 0;

    /// Warnings and errors of the Vulkan validation layer so far; 0 when it is off.
    [[nodiscard]] virtual int validation_messages() const { return 0; }
    /// The first of them, for reports.
    [[nodiscard]] virtual std::string first_validation_message() const { return {}; }
};

struct DisplayOptions {
    std::string title = "LaCT Scope";
    int width = 1280;  ///< Pixels.
    int height = 800;  ///< Pixels.
    float scale = 1;   ///< content_scale() of the offscreen and null displays.
    /// Turn the Khronos validation layer on; LACT_VULKAN_VALIDATION=1 in the environment does the same.
    bool validation = false;
    /// Part of a device's name to prefer; LACT_VULKAN_DEVICE in the environment does the same.
    std::string device{};
    bool visible = true;  ///< Of a window.
};

/// A window. Errors: no display server, no Vulkan loader or device, a missing feature (named).
[[nodiscard]] Result<std::unique_ptr<Display>> open_window(const DisplayOptions& options);
/// A Vulkan image without a surface: the same pixels as the window's. Time stands still between frames of it
/// (each is 1/60 s), so that pictures repeat. Errors: as above, without those of the display server.
[[nodiscard]] Result<std::unique_ptr<Display>> make_offscreen(const DisplayOptions& options);
/// No graphics at all: ImGui runs, textures are numbers.
[[nodiscard]] std::unique_ptr<Display> make_null(const DisplayOptions& options);

}  // namespace lact::gfx
