#include "app/gfx/display.h"
#include "app/gfx/display_support.h"
#include "app/gfx/vulkan/swapchain.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <utility>

#include <GLFW/glfw3.h>
#include <fmt/format.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_vulkan.h>

/// The ImGui key of a GLFW key by its place. ImGui's back end defines it and leaves its declaration to those
/// who use it.
ImGuiKey ImGui_ImplGlfw_KeyToImGuiKey(int keycode, int scancode);

namespace lact::gfx {

namespace {

/// The last error text of GLFW, to embed in an error message.
std::string& last_glfw_words() {
    static std::string words;
    return words;
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// Initializes GLFW and terminates it.
class Glfw {
  public:
    static constexpr const char* hint =
        "without a display, use the commands that write files, or --screenshot";

    static Result<std::unique_ptr<Glfw>> start() {
        const std::string x11 = variable("DISPLAY");
        const std::string wayland = variable("WAYLAND_DISPLAY");
        if (x11.empty() && wayland.empty()) {
            return fail("window", "there is no display: the variable DISPLAY is not set", hint);
        }
        glfwSetErrorCallback([](int, const char* words) { last_glfw_words() = words; });
        if (glfwInit() != GLFW_TRUE) {
            return fail("window",
                        fmt::format("the display {} cannot be opened ({})", x11.empty() ? wayland : x11,
                                    last_glfw_words()),
                        hint);
        }
        return std::make_unique<Glfw>();
    }
    Glfw() = default;
    Glfw(const Glfw&) = delete;
    Glfw& operator=(const Glfw&) = delete;
    ~Glfw() { glfwTerminate(); }
};

struct CloseWindow {
    void operator()(GLFWwindow* window) const { glfwDestroyWindow(window); }
};

/// Initializes the GLFW back end of ImGui and shuts it down.
class ImGuiGlfw {
  public:
    explicit ImGuiGlfw(GLFWwindow* window) { ImGui_ImplGlfw_InitForVulkan(window, true); }
    ImGuiGlfw(const ImGuiGlfw&) = delete;
    ImGuiGlfw& operator=(const ImGuiGlfw&) = delete;
    ~ImGuiGlfw() { ImGui_ImplGlfw_Shutdown(); }
};

/// The keyboard of a window. GLFW names keys by their places.
class GlfwKeyboard final : public Keyboard {
  public:
    GlfwKeyboard() {
        for (int key = GLFW_KEY_SPACE; key <= GLFW_KEY_LAST; ++key) {
            const ImGuiKey place = ImGui_ImplGlfw_KeyToImGuiKey(key, 0);
            if (place != ImGuiKey_None && glfw_keys_[index(place)] == 0) {
                glfw_keys_[index(place)] = key;
            }
        }
    }

    [[nodiscard]] bool held(ImGuiKey place) const override {
        return place != ImGuiKey_None && (down_[index(place)] || tapped_[index(place)]);
    }
    [[nodiscard]] std::string text(ImGuiKey place) const override {
        const int key = place != ImGuiKey_None ? glfw_keys_[index(place)] : 0;
        const char* const name = key != 0 ? glfwGetKeyName(key, 0) : nullptr;
        return name != nullptr ? name : "";
    }

    void event(int key, int action) {
        const ImGuiKey place = ImGui_ImplGlfw_KeyToImGuiKey(key, 0);
        if (place != ImGuiKey_None) {
            down_[index(place)] = action != GLFW_RELEASE;
            tapped_[index(place)] = tapped_[index(place)] || action != GLFW_RELEASE;
        }
    }
    /// After a frame, which has seen the keys that were pressed and released before it.
    void end_frame() { tapped_ = {}; }

  private:
    static constexpr std::size_t count = ImGuiKey_NamedKey_END - ImGuiKey_NamedKey_BEGIN;
    [[nodiscard]] static std::size_t index(ImGuiKey place) {
        return static_cast<std::size_t>(place - ImGuiKey_NamedKey_BEGIN);
    }

    std::array<int, count> glfw_keys_{};  ///< By place; 0: GLFW has no such key.
    std::array<bool, count> down_{};
    std::array<bool, count> tapped_{};  ///< Pressed since the last frame, and perhaps released.
};

class WindowDisplay final : public Display {
  public:
    WindowDisplay() = default;
    WindowDisplay(const WindowDisplay&) = delete;
    WindowDisplay& operator=(const WindowDisplay&) = delete;
    ~WindowDisplay() override {
        renderer_.reset();
        swapchain_.reset();
        if (surface_ != VK_NULL_HANDLE) {
            vkDestroySurfaceKHR(context_->instance(), surface_, nullptr);
        }
    }

    Result<void> open(const DisplayOptions& options) {
        LACT_TRY(glfw_, Glfw::start());
        std::uint32_t count = 0;
        const char** names = glfwGetRequiredInstanceExtensions(&count);
        if (names == nullptr) {
            return fail("Vulkan", "there is no driver that draws in a window",
                        "apt install mesa-vulkan-drivers (software), or your GPU vendor's driver");
        }
        LACT_CHECK(make_window(options));
        LACT_CHECK(make_context(options, {names, names + count}));
        LACT_CHECK(make_surface());
        LACT_TRY(const VkSurfaceFormatKHR surface_format, Swapchain::choose_format(*context_, surface_));
        swapchain_ = std::make_unique<Swapchain>(*context_, surface_, surface_format);
        imgui_glfw_ = std::make_unique<ImGuiGlfw>(window_.get());
        LACT_TRY(renderer_, Renderer::create(*context_, surface_format.format));
        info_.name = "vulkan";
        info_.device = static_cast<const char*>(context_->properties().deviceName);
        info_.software = context_->properties().deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
        return {};
    }

    [[nodiscard]] const DisplayInfo& info() const override { return info_; }
    [[nodiscard]] Canvas& canvas() override { return renderer_->canvas(); }
    [[nodiscard]] const Keyboard& keyboard() const override { return keyboard_; }

    Wake wait(std::optional<double> seconds) override {
        if (!seconds) {
            glfwWaitEvents();
        } else if (*seconds > 0) {
            glfwWaitEventsTimeout(*seconds);
        } else {
            glfwPollEvents();
        }
        const bool woken = woken_.exchange(false);
        if (std::exchange(input_, false)) {
            return Wake::input;
        }
        return woken ? Wake::request : Wake::timeout;
    }
    void wake() override {
        woken_ = true;
        glfwPostEmptyEvent();
    }
    [[nodiscard]] bool should_close() const override {
        return glfwWindowShouldClose(window_.get()) == GLFW_TRUE;
    }
    void set_should_close(bool close) override {
        glfwSetWindowShouldClose(window_.get(), close ? GLFW_TRUE : GLFW_FALSE);
    }
    [[nodiscard]] std::vector<std::filesystem::path> take_dropped() override {
        return std::exchange(dropped_, {});
    }
    [[nodiscard]] float content_scale() const override {
        float x = 1;
        float y = 1;
        glfwGetWindowContentScale(window_.get(), &x, &y);
        return x > 0 ? x : 1;
    }
    void resize(int width, int height) override {
        const auto [w, h] = size_on_screen(width, height);  // A remembered size may be of a larger screen.
        glfwSetWindowSize(window_.get(), w, h);
    }
    std::array<int, 2> size() const override {
        std::array<int, 2> size{};
        glfwGetWindowSize(window_.get(), size.data(), &size[1]);
        return size;
    }

    Result<bool> begin_frame() override {
        const VkExtent2D size = framebuffer();
        if (size.width == 0 || size.height == 0) {
            return false;
        }
        const VkExtent2D have = swapchain_->extent();
        if (stale_ || !swapchain_->usable() || size.width != have.width || size.height != have.height) {
            LACT_CHECK(swapchain_->recreate(size));
            stale_ = false;
            if (!swapchain_->usable()) {
                return false;
            }
        }
        ImGui_ImplVulkan_NewFrame();
        ImGui_ImplGlfw_NewFrame();
        return true;
    }

    Result<void> end_frame(Image8* capture) override {
        keyboard_.end_frame();
        if (capture != nullptr && !swapchain_->can_be_read()) {
            return fail("screenshot", "this window system does not support reading its images",
                        "use --screenshot without a display");
        }
        LACT_CHECK(renderer_->wait_for_slot());
        LACT_TRY(std::optional<Target> target, swapchain_->acquire());
        for (int attempt = 0; !target && attempt < 4; ++attempt) {  // Again when the window has changed.
            LACT_CHECK(swapchain_->recreate(framebuffer()));
            LACT_TRY(target, swapchain_->acquire());
        }
        if (!target) {
            stale_ = true;
            input_ = true;
            wake();
            return {};
        }
        if (auto drawn = renderer_->draw(*target, capture); !drawn) {
            stale_ = true;  // The acquired image was not presented; a new swapchain gives it back.
            return drawn;
        }
        LACT_TRY(const bool good, swapchain_->present());
        if (!good) {
            stale_ = true;
            wake();
        }
        return {};
    }

    [[nodiscard]] int validation_messages() const override { return context_->validation().count; }
    [[nodiscard]] std::string first_validation_message() const override {
        return context_->validation().first;
    }

  private:
    Result<void> make_context(const DisplayOptions& options, std::vector<const char*> extensions) {
        ContextOptions requested;
        requested.validation = options.validation;
        requested.device = options.device;
        requested.surface_extensions = std::move(extensions);
        requested.can_present = [this](VkInstance instance, VkPhysicalDevice device, std::uint32_t family) {
            return glfwGetPhysicalDevicePresentationSupport(instance, device, family) == GLFW_TRUE &&
                   shows_in_window(instance, device, family);
        };
        LACT_TRY(context_, Context::create(requested));
        return {};
    }

    /// Whether a device can present in this very window: of several GPUs not each drives every screen.
    bool shows_in_window(VkInstance instance, VkPhysicalDevice device, std::uint32_t family) const {
        VkSurfaceKHR surface = VK_NULL_HANDLE;
        if (glfwCreateWindowSurface(instance, window_.get(), nullptr, &surface) != VK_SUCCESS) {
            return true;  // make_surface() says why.
        }
        VkBool32 supported = VK_FALSE;
        std::uint32_t formats = 0;
        vkGetPhysicalDeviceSurfaceSupportKHR(device, family, surface, &supported);
        vkGetPhysicalDeviceSurfaceFormatsKHR(device, surface, &formats, nullptr);
        vkDestroySurfaceKHR(instance, surface, nullptr);
        return supported == VK_TRUE && formats > 0;
    }

    /// A size that fits on the primary monitor without its bars; the given one where there is no monitor.
    static std::pair<int, int> size_on_screen(int width, int height) {
        GLFWmonitor* monitor = glfwGetPrimaryMonitor();
        if (monitor == nullptr) {
            return {width, height};
        }
        int left = 0;
        int top = 0;
        int work_width = 0;
        int work_height = 0;
        glfwGetMonitorWorkarea(monitor, &left, &top, &work_width, &work_height);
        constexpr int smallest = 320;  // Some window systems do not say how large the screen is.
        return {work_width > smallest ? std::min(width, work_width) : width,
                work_height > smallest ? std::min(height, work_height) : height};
    }

    Result<void> make_window(const DisplayOptions& options) {
        glfwWindowHint(GLFW_CLIENT_API, GLFW_NO_API);
        glfwWindowHint(GLFW_VISIBLE, options.visible ? GLFW_TRUE : GLFW_FALSE);
        glfwWindowHintString(GLFW_X11_CLASS_NAME, "lactscope");
        glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "lactscope");
        const auto [width, height] = size_on_screen(options.width, options.height);
        window_.reset(glfwCreateWindow(width, height, options.title.c_str(), nullptr, nullptr));
        if (!window_) {
            return fail("window", fmt::format("the display did not open a window ({})", last_glfw_words()),
                        Glfw::hint);
        }
        glfwSetWindowSizeLimits(window_.get(), 640, 400, GLFW_DONT_CARE, GLFW_DONT_CARE);
        install_callbacks();
        return {};
    }

    Result<void> make_surface() {
        if (glfwCreateWindowSurface(context_->instance(), window_.get(), nullptr, &surface_) != VK_SUCCESS) {
            return fail(
                "Vulkan",
                fmt::format("{} cannot draw in this window ({})",
                            static_cast<const char*>(context_->properties().deviceName), last_glfw_words()),
                other_device_hint);
        }
        return {};
    }

    /// Installed before those of ImGui, which call these in turn. Record only that there was input.
    void install_callbacks() {
        GLFWwindow* window = window_.get();
        glfwSetWindowUserPointer(window, this);
        glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int, int action, int) {
            of(w).input_ = true;
            of(w).keyboard_.event(key, action);
        });
        glfwSetCharCallback(window, [](GLFWwindow* w, unsigned) { of(w).input_ = true; });
        glfwSetCursorPosCallback(window, [](GLFWwindow* w, double, double) { of(w).input_ = true; });
        glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int) { of(w).input_ = true; });
        glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int, int, int) { of(w).input_ = true; });
        glfwSetScrollCallback(window, [](GLFWwindow* w, double, double) { of(w).input_ = true; });
        glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int) { of(w).input_ = true; });
        glfwSetWindowIconifyCallback(window, [](GLFWwindow* w, int) { of(w).input_ = true; });
        glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) { of(w).input_ = true; });
        glfwSetWindowCloseCallback(window, [](GLFWwindow* w) { of(w).input_ = true; });
        glfwSetFramebufferSizeCallback(window, [](GLFWwindow* w, int, int) { of(w).input_ = true; });
        glfwSetWindowContentScaleCallback(window, [](GLFWwindow* w, float, float) { of(w).input_ = true; });
        glfwSetDropCallback(window, [](GLFWwindow* w, int count, const char** paths) {
            of(w).input_ = true;
            of(w).dropped_.insert(of(w).dropped_.end(), paths, paths + count);
        });
    }
    static WindowDisplay& of(GLFWwindow* window) {
        return *static_cast<WindowDisplay*>(glfwGetWindowUserPointer(window));
    }

    [[nodiscard]] VkExtent2D framebuffer() const {
        int width = 0;
        int height = 0;
        glfwGetFramebufferSize(window_.get(), &width, &height);
        return {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
    }

    ImGuiOwner imgui_;
    DisplayInfo info_;
    std::unique_ptr<Glfw> glfw_;
    std::unique_ptr<Context> context_;
    std::unique_ptr<GLFWwindow, CloseWindow> window_;
    VkSurfaceKHR surface_ = VK_NULL_HANDLE;
    std::unique_ptr<Swapchain> swapchain_;
    std::unique_ptr<ImGuiGlfw> imgui_glfw_;
    std::unique_ptr<Renderer> renderer_;
    std::vector<std::filesystem::path> dropped_;
    GlfwKeyboard keyboard_;
    std::atomic<bool> woken_ = false;
    bool input_ = true;  ///< The first frame.
    bool stale_ = false;
};

}  // namespace

Result<std::unique_ptr<Display>> open_window(const DisplayOptions& options) {
    auto display = std::make_unique<WindowDisplay>();
    LACT_CHECK(display->open(options));
    return Result<std::unique_ptr<Display>>(std::move(display));
}

}  // namespace lact::gfx
