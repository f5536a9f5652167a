// What becomes of a frame where Vulkan fails. ImGui's back end calls the same pointers of volk.
#include "app/gfx/display.h"
#include "app/ui/shell.h"
#include "tests/support/vulkan.h"

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <volk.h>

namespace lact::app {

namespace {

/// Lets some calls of a function of Vulkan succeed, and none after them: they say that there is no GPU
/// memory.
template <auto& function, class Pointer = std::remove_reference_t<decltype(function)>>
class Limited;

template <auto& function, class... Arguments>
class Limited<function, VkResult(VKAPI_PTR*)(Arguments...)> {
  public:
    explicit Limited(int allowed) {
        left_ = allowed;
        real_ = std::exchange(function, call);
    }
    Limited(const Limited&) = delete;
    Limited& operator=(const Limited&) = delete;
    ~Limited() { function = real_; }

  private:
    static VKAPI_ATTR VkResult VKAPI_CALL call(Arguments... arguments) {
        return left_-- > 0 ? real_(arguments...) : VK_ERROR_OUT_OF_DEVICE_MEMORY;
    }
    static inline int left_ = 0;
    static inline VkResult(VKAPI_PTR* real_)(Arguments...) = nullptr;
};

TEST(OffscreenFailure, AFrameThatCannotBeWaitedForFreesNothingThatTheGpuUses) {
    // Of a first screenshot: the slots of its frames, and the capture.
    int failed = 0;
    for (int allowed = 0; failed == allowed; ++allowed) {
        auto display = test::with_validation({"", 320, 200}, gfx::make_offscreen);
        if (!display) {
            LACT_NO_VULKAN(display.error());
        }
        Shell shell(**display);
        const Limited<vkWaitForFences> limited(allowed);  // The GPU goes on with the frame.
        failed += shell.screenshot().has_value() ? 0 : 1;
        EXPECT_EQ((*display)->validation_messages(), 0)
            << "after " << allowed << " waits: " << (*display)->first_validation_message();
    }
    EXPECT_GE(failed, 3);
}

TEST(OffscreenFailure, AFrameWithoutGpuMemoryIsAnErrorAndSoIsTheNext) {
    // Of a first frame: the image, the fonts and their upload, vertices, indices, the capture.
    for (int allowed = 0; allowed < 6; ++allowed) {
        auto display = gfx::make_offscreen({"", 320, 200});
        if (!display) {
            LACT_NO_VULKAN(display.error());
        }
        const Limited<vkAllocateMemory> limited(allowed);
        Shell shell(**display);
        const auto shot = shell.screenshot();
        ASSERT_FALSE(shot.has_value()) << allowed;
        EXPECT_NE(shot.error().message().find("out of GPU memory"), std::string::npos)
            << allowed << ": " << shot.error().message();
        EXPECT_FALSE(shell.screenshot().has_value()) << allowed;
    }
}

TEST(OffscreenFailure, ATextureWithoutADescriptorIsAnError) {
    auto display = gfx::make_offscreen({"", 320, 200});
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    const auto real = std::exchange(
        vkAllocateDescriptorSets,
        +[](VkDevice, const VkDescriptorSetAllocateInfo*, VkDescriptorSet*) -> VkResult {
            return VK_ERROR_OUT_OF_POOL_MEMORY;
        });
    gfx::Texture texture;
    const std::vector<float> values(12);
    const auto uploaded = (*display)->canvas().upload(texture, values, 3, 4);
    vkAllocateDescriptorSets = real;
    ASSERT_FALSE(uploaded.has_value());
    EXPECT_FALSE(texture);
    EXPECT_TRUE((*display)->canvas().upload(texture, values, 3, 4).has_value());
}

}  // namespace

}  // namespace lact::app
