#pragma once

#include "app/gfx/canvas.h"
#include "app/gfx/keyboard.h"
#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lact::gfx {

/// Reason for the end of a wait.
enum class Wake {
    timeout,
    input,    ///< An event of the user or the window system.
    request,  ///< Display::wake() was called.
};

struct DisplayInfo {
    std::string name;       ///< "vulkan", "offscreen" or "null".
    std::string device;     ///< As the driver names it; empty without Vulkan.
    bool software = false;  ///< A software rasterizer on the CPU.
};

/// The target of frames: a window, an offscreen image, or none. Owns the ImGui context, so that only one
/// display exists at a time. Call everything but wake() on the thread that created it.
class Display {
  public:
    Display() = default;
    Display(const Display&) = delete;
    Display& operator=(const Display&) = delete;
    virtual ~Display() = default;

    [[nodiscard]] virtual const DisplayInfo& info() const = 0;
    [[nodiscard]] virtual Canvas& canvas() = 0;

    /// Waits for an event, at most `seconds` (without limit when empty, not at all when 0).
    virtual Wake wait(std::optional<double> seconds) = 0;
    /// Ends the current wait, or the next one. Thread-safe.
    virtual void wake() = 0;
    [[nodiscard]] virtual bool should_close() const { return false; }
    virtual void set_should_close(bool /*close*/) {}

    /// The keys by their places. Without a window, or where the layout is unknown: a US keyboard.
    [[nodiscard]] virtual const Keyboard& keyboard() const;

    /// Files dropped on the window since the last call.
    [[nodiscard]] virtual std::vector<std::filesystem::path> take_dropped() { return {}; }
    /// Pixels per point of the layout: 1 on ordinary monitors, 2 on high-density ones.
    [[nodiscard]] virtual float content_scale() const { return 1; }
    /// Resizes the window, in units of the window system: pixels, or scaled ones under Wayland.
    virtual void resize(int width, int height) = 0;
    /// Width and height in the units of resize().
    [[nodiscard]] virtual std::array<int, 2> size() const = 0;

    /// Prepares ImGui for a frame, before ImGui::NewFrame(). False: the window is minimized; draw no frame.
    [[nodiscard]] virtual Result<bool> begin_frame() = 0;
    /// Draws and presents the output of ImGui::Render(). With `capture`, also reads the frame back (RGB).
    [[nodiscard]] virtual Result<void> end_frame(Image8* capture) = 0;

    /// Number of warnings and errors of the Vulkan validation layer so far; 0 when it is off.
    [[nodiscard]] virtual int validation_messages() const { return 0; }
    /// The first of them.
    [[nodiscard]] virtual std::string first_validation_message() const { return {}; }
};

struct DisplayOptions {
    std::string title = "LaCT Scope";
    int width = 1280;  ///< Pixels.
    int height = 800;  ///< Pixels.
    float scale = 1;   ///< content_scale() of the offscreen and null displays.
    /// Enables the Khronos validation layer; LACT_VULKAN_VALIDATION=1 in the environment does the same.
    bool validation = false;
    /// Part of the name of the preferred device; LACT_VULKAN_DEVICE in the environment does the same.
    std::string device{};
    bool visible = true;  ///< Of a window.
    /// keyboard() of the null display; null: a US keyboard.
    std::shared_ptr<const Keyboard> keyboard = nullptr;
};

/// Opens a window. Errors: no display server, no Vulkan loader or device, a missing feature (named).
[[nodiscard]] Result<std::unique_ptr<Display>> open_window(const DisplayOptions& options);
/// Creates a Vulkan image without a surface, with the same pixels as a window. Every frame takes 1/60 s of
/// ImGui's time, so that images are reproducible. Errors: as above, without those of the display server.
[[nodiscard]] Result<std::unique_ptr<Display>> make_offscreen(const DisplayOptions& options);
/// Creates a display without graphics: ImGui runs, textures are numbers.
[[nodiscard]] std::unique_ptr<Display> make_null(const DisplayOptions& options);

}  // namespace lact::gfx
