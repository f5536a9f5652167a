#include "engine/scene/image.h"

#include "engine/scene/stb_memory.h"
#include "tests/engine/scene/images.h"
#include "tests/support/temporary_folder.h"

#include <limits>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;

std::string png(const Image8& image, const std::vector<std::pair<std::string, std::string>>& text = {}) {
    const auto bytes = encode_png(image, text);
    EXPECT_TRUE(bytes) << bytes.error().message();
    return bytes.value_or("");
}

/// A file written down as hexadecimal digits.
std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

TEST(Image, PngWithoutMemoryIsAnErrorAndLeavesNone) {
    const Image8 image = test::random_image(64, 48, 3, 5);
    const std::string whole = png(image);
    int failures = 0;
    for (std::size_t most = 0; most < (std::size_t{1} << 30); most = most * 3 / 2 + 100) {
        const StbMemory memory(most);
        const auto encoded = encode_png(image);
        EXPECT_FALSE(StbWriterMemory::holds_any()) << most;
        if (encoded) {
            EXPECT_EQ(*encoded, whole);
            break;
        }
        EXPECT_NE(encoded.error().message().find("64x48 pixels: there is no memory left"), std::string::npos)
            << encoded.error().message();
        ++failures;
    }
    EXPECT_GE(failures, 8);  // From the first allocation to those of the compressor.
    EXPECT_EQ(png(image), whole);
}

TEST(Image, PngRoundTripKeepsEveryValue) {
    const TemporaryFolder folder;
    for (const int channels : {3, 4}) {
        const Image8 image = test::random_image(13, 7, channels, 5);
        const auto loaded = load_image(folder.file("a.png", png(image)));
        ASSERT_TRUE(loaded) << loaded.error().message();
        EXPECT_EQ(loaded->width, 13);
        EXPECT_EQ(loaded->height, 7);
        EXPECT_EQ(loaded->channels, channels);
        EXPECT_EQ(loaded->pixels, image.pixels);
    }
}

// The next four files were written by Pillow: 2x1 pixels of grey 0, 200; grey and alpha (9, 128), (250, 0);
// 16-bit grey 0x1234, 0xfedc; and RGB (1,2,3), (4,5,6) of which tRNS makes the second transparent.
constexpr std::string_view grey_png =
    "89504e470d0a1a0a0000000d4948445200000002000000010800000000d14920560000000b49444154789c6360380100"
    "00cb00c969c8c36c0000000049454e44ae426082";
constexpr std::string_view grey_alpha_png =
    "89504e470d0a1a0a0000000d49484452000000020000000108040000005e2bb7010000000d49444154789c63e06cf8c5"
    "0000039d0184294dec900000000049454e44ae426082";
constexpr std::string_view grey16_png =
    "89504e470d0a1a0a0000000d494844520000000200000001100000000081d9fc150000000d49444154789c631032f977"
    "070003c102210de347320000000049454e44ae426082";
constexpr std::string_view transparent_png =
    "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000000674524e5300040005000674"
    "8ec68f0000000f49444154789c636464626666660600003c0011d57e46e60000000049454e44ae426082";

TEST(Image, GreyAnd16BitBecomeRgbAndTransparencyRgba) {
    const TemporaryFolder folder;
    const auto load = [&](std::string_view hex) {
        auto image = load_image(folder.file("a.png", bytes_of(hex)));
        EXPECT_TRUE(image) << image.error().message();
        return image.value_or(Image8{});
    };
    using Values = std::vector<std::uint8_t>;
    EXPECT_EQ(load(grey_png).pixels, (Values{0, 0, 0, 200, 200, 200}));
    EXPECT_EQ(load(grey_alpha_png).pixels, (Values{9, 9, 9, 128, 250, 250, 250, 0}));
    EXPECT_EQ(load(grey16_png).pixels, (Values{0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe}));
    const Image8 transparent = load(transparent_png);
    EXPECT_EQ(transparent.channels, 4);
    EXPECT_EQ(transparent.pixels, (Values{1, 2, 3, 255, 4, 5, 6, 0}));
}

TEST(Image, TextBecomesChunksThatReadersSkip) {
    const TemporaryFolder folder;
    const Image8 image = test::random_image(4, 4, 3, 1);
    const std::string bytes = png(image, {{"Software", "LaCT Scope"}, {"Comment", "größer"}});
    // The CRC was computed with zlib.
    const std::string chunk =
        bytes_of("00000013") + "tEXtSoftware" + '\0' + "LaCT Scope" + bytes_of("84b09db4");
    EXPECT_EQ(bytes.substr(33, chunk.size()), chunk);
    EXPECT_NE(bytes.find("iTXtComment"), std::string::npos);
    const auto loaded = load_image(folder.file("a.png", bytes));
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_EQ(loaded->pixels, image.pixels);
}

TEST(Image, RefusesWhatCannotBeEncoded) {
    EXPECT_FALSE(encode_png({4, 4, 3, std::vector<std::uint8_t>(47)}));
    EXPECT_FALSE(encode_png({0, 4, 3, {}}));
    const Image8 image = test::random_image(2, 2, 3, 1);
    EXPECT_FALSE(encode_png(image, {{"", "text"}}));
    EXPECT_FALSE(encode_png(image, {{std::string(80, 'k'), "text"}}));
    EXPECT_FALSE(encode_png(image, {{"key", std::string("a\0b", 3)}}));
}

TEST(Image, ErrorsNameTheFile) {
    const TemporaryFolder folder;
    const std::string whole = png(test::random_image(40, 40, 3, 1));
    for (const std::string& bytes :
         {std::string(), std::string("no picture"), whole.substr(0, whole.size() / 2)}) {
        const auto loaded = load_image(folder.file("broken.png", bytes));
        ASSERT_FALSE(loaded) << bytes.size();
        EXPECT_NE(loaded.error().where.find("broken.png"), std::string::npos);
    }
    const auto missing = load_image(folder.path() / "missing.png");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message().find("missing.png"), std::string::npos);
}

TEST(Image, AHeaderThatClaimsAnEnormousImageIsRefused) {
    const TemporaryFolder folder;
    std::string bytes = png(test::random_image(4, 4, 3, 1));
    bytes.replace(16, 8, bytes_of("0000fffe0000fffe"));
    EXPECT_FALSE(load_image(folder.file("a.png", bytes)));
    EXPECT_FALSE(image_info(folder.file("a.png", bytes)));
}

TEST(Image, InfoReadsTheSize) {
    const TemporaryFolder folder;
    const auto info = image_info(folder.file("a.png", png(test::random_image(13, 7, 4, 5))));
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_EQ(info->width, 13);
    EXPECT_EQ(info->height, 7);
}

TEST(Image, FloatsRoundAndClamp) {
    const ImageF image{
        2, 1, {-1.0F, 0.5F, 2.0F, std::numeric_limits<float>::quiet_NaN(), 1.4F / 255, 1.6F / 255}};
    EXPECT_EQ(to_image8(image).pixels, (std::vector<std::uint8_t>{0, 128, 255, 0, 1, 2}));
}

TEST(Image, EveryByteSurvivesTheWayThroughFloats) {
    Image8 image{256, 1, 3, {}};
    for (int i = 0; i < 256 * 3; ++i) {
        image.pixels.push_back(static_cast<std::uint8_t>(i / 3));
    }
    EXPECT_EQ(to_image8(to_image_f(image)).pixels, image.pixels);
}

}  // namespace
}  // namespace lact
