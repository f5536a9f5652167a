// Images made to make a decoder write out of bounds, stop the program or take all memory.
#include "engine/scene/exif.h"
#include "engine/scene/image.h"
#include "engine/scene/jpeg.h"
#include "engine/scene/photo_files.h"
#include "tests/engine/scene/images.h"
#include "tests/support/replaced.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

namespace lact {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::replaced;
using test::TemporaryFolder;

std::string hostile_segment(unsigned char marker, const std::string& body) {
    const std::size_t length = body.size() + 2;
    return "\xFF"s + static_cast<char>(marker) + static_cast<char>(length >> 8U) +
           static_cast<char>(length & 255U) + body;
}

/// A Huffman table with `counts` codes of each length and values 0, 1, …
std::string huffman_table(char kind, const std::string& counts) {
    std::string body = kind + counts;
    std::size_t codes = 0;
    for (const char count : counts) {
        codes += static_cast<unsigned char>(count);
    }
    for (std::size_t i = 0; i < codes; ++i) {
        body += static_cast<char>(i);
    }
    return body;
}

std::string whole_jpeg() {
    return test::jpeg_of(test::random_image(24, 16, 3, 7));
}

/// The sentence of the error that both readers of an image give.
std::string refusal(const std::string& bytes, const std::string& name = "a.jpg") {
    const TemporaryFolder folder;
    const auto path = folder.file(name, bytes);
    (void)image_info(path);
    (void)broken_image(path);
    (void)exif_orientation(path);
    const auto image = load_image(path);
    EXPECT_FALSE(image);
    return image ? "" : image.error().message();
}

TEST(HostileJpeg, WholeOnesAreRead) {
    const TemporaryFolder folder;
    for (const std::string& bytes :
         {whole_jpeg(), replaced(whole_jpeg(), "\xFF\xC0", "\xFF\xFF\xFF\xC0"),  // Fill bytes.
          replaced(whole_jpeg(), "\xFF\xC0", "\0\0\xFF\xC0"s),                   // Padding.
          whole_jpeg() + "trailing bytes"}) {
        const auto image = load_image(folder.file("a.jpg", bytes));
        ASSERT_TRUE(image) << image.error().message();
        EXPECT_EQ(image->width, 24);
        const auto info = image_info(folder.path() / "a.jpg");
        ASSERT_TRUE(info) << info.error().message();
        EXPECT_EQ(info->height, 16);
    }
}

TEST(HostileJpeg, AHuffmanTableOfMoreThan256CodesIsRefused) {
    const std::string table = huffman_table(0x10, std::string(16, '\xFF'));
    for (const std::string& where : {"\xFF\xC0"s, "\xFF\xDA"s}) {
        const std::string said = refusal(replaced(whole_jpeg(), where, hostile_segment(0xC4, table) + where));
        EXPECT_NE(said.find("a Huffman table has 4080 codes, at most 256"), std::string::npos) << said;
    }
    // Also where only the counts are there.
    const std::string said = refusal(replaced(
        whole_jpeg(), "\xFF\xC0", hostile_segment(0xC4, '\0' + std::string(16, '\xFF')) + "\xFF\xC0"));
    EXPECT_NE(said.find("4080 codes"), std::string::npos) << said;
}

TEST(HostileJpeg, TheSizeOfOneIsNotReadEither) {
    const TemporaryFolder folder;
    const std::string table = hostile_segment(0xC4, huffman_table(0x10, std::string(16, '\xFF')));
    const auto path = folder.file("a.jpg", replaced(whole_jpeg(), "\xFF\xC0", table + "\xFF\xC0"));
    EXPECT_FALSE(image_info(path));
    EXPECT_TRUE(broken_image(path)) << "a scene leaves it out";
    std::string deep = whole_jpeg();
    deep[deep.find("\xFF\xC0") + 4] = 12;
    EXPECT_NE(refusal(deep).find("12 bits a value, 8 are read"), std::string::npos) << refusal(deep);
}

/// A progressive JPEG of 8x8 grey pixels in two scans: DC, then AC. `before_ac` and `before_end` are put
/// before the second scan and before the end marker.
std::string progressive_jpeg(const std::string& before_ac, const std::string& before_end) {
    const std::string one_code = "\1"s + std::string(15, '\0');  // Code 0 has the value 0: nothing follows.
    const auto scan = [](char last, char from) {
        return hostile_segment(0xDA, "\1\1\0"s + from + last + '\0') + "\x7F"s;
    };
    return "\xFF\xD8"s + hostile_segment(0xDB, '\0' + std::string(64, '\1')) +
           hostile_segment(0xC2, "\x08\0\x08\0\x08\1\1\x11\0"s) +
           hostile_segment(0xC4, huffman_table('\0', one_code) + huffman_table('\x10', one_code)) +
           scan('\0', '\0') + before_ac + scan('\x3F', '\1') + before_end + "\xFF\xD9";
}

// image_info() reads the size from the frame header and ends there: the decoder is not asked. Before
// load_image() asks it, every segment up to the end marker is checked, wherever it is.
TEST(HostileJpeg, TablesAfterTheFrameHeaderAreCheckedBeforeTheDecoderSeesThem) {
    const TemporaryFolder folder;
    const auto path = folder.file("a.jpg", progressive_jpeg("", ""));
    const auto whole = load_image(path);
    ASSERT_TRUE(whole) << whole.error().message();
    EXPECT_EQ(whole->width, 8);
    const std::vector<std::pair<std::string, std::string>> damaged = {
        {hostile_segment(0xC4, huffman_table('\x10', std::string(16, '\xFF'))), "4080 codes"},
        {hostile_segment(0xC4, '\0' + std::string(16, '\xFF')), "4080 codes"},
        {hostile_segment(0xC4, '\x14' + std::string(16, '\0')), "class 1 and number 4"},
        {hostile_segment(0xC4, "\0\1"s), "ends within a table"},
        {hostile_segment(0xDB, '\x0F' + std::string(64, '\1')), "number 15"},
        {hostile_segment(0xDB, '\x10' + std::string(64, '\1')), "ends within a table"}};
    for (const auto& [segment, reason] : damaged) {
        for (const std::string& bytes : {replaced(whole_jpeg(), "\xFF\xDA", segment + "\xFF\xDA"),
                                         replaced(whole_jpeg(), "\xFF\xD9", segment + "\xFF\xD9"),
                                         progressive_jpeg(segment, ""), progressive_jpeg("", segment)}) {
            (void)folder.file("a.jpg", bytes);
            EXPECT_TRUE(image_info(path)) << reason;
            const std::string said = refusal(bytes);
            EXPECT_NE(said.find("is a damaged JPEG"), std::string::npos) << said;
            EXPECT_NE(said.find(reason), std::string::npos) << said;
        }
    }
}

TEST(HostileJpeg, TablesThatAScanUsesMustBeDefined) {
    const std::string jpeg = whole_jpeg();
    std::string without;
    for (std::size_t at = 0; at < jpeg.size();) {
        // Cuts out every segment of Huffman tables before the pixels.
        if (jpeg.compare(at, 2, "\xFF\xC4") == 0 && at < jpeg.find("\xFF\xDA")) {
            at += 2 + static_cast<unsigned char>(jpeg[at + 2]) * 256U +
                  static_cast<unsigned char>(jpeg[at + 3]);
        } else {
            without += jpeg[at++];
        }
    }
    const std::string said = refusal(without);
    EXPECT_NE(said.find("Huffman table 0, which is not defined"), std::string::npos) << said;
    const std::size_t scan = jpeg.find("\xFF\xDA");
    std::string other = jpeg;
    other[scan + 6] = '\x33';
    EXPECT_NE(refusal(other).find("table 3, which is not defined"), std::string::npos) << refusal(other);
    other[scan + 6] = '\x40';
    EXPECT_NE(refusal(other).find("numbers are 0 to 3"), std::string::npos) << refusal(other);
    other = jpeg;
    other[scan + 5] = '\x77';
    EXPECT_NE(refusal(other).find("component 119"), std::string::npos) << refusal(other);
    const std::size_t frame = jpeg.find("\xFF\xC0");
    other = jpeg;
    other[frame + 12] = '\3';
    EXPECT_NE(refusal(other).find("quantization table 3"), std::string::npos) << refusal(other);
}

TEST(HostileJpeg, OtherDamageIsNamed) {
    const std::string jpeg = whole_jpeg();
    const auto with = [&](const std::string& segment) {
        return refusal(replaced(jpeg, "\xFF\xC0", segment + "\xFF\xC0"));
    };
    EXPECT_NE(with(hostile_segment(0xC4, '\x20' + std::string(16, '\0'))).find("class 2"), std::string::npos);
    EXPECT_NE(with(hostile_segment(0xC4, '\x04' + std::string(16, '\0'))).find("number 4"),
              std::string::npos);
    EXPECT_NE(with(hostile_segment(0xC4, "\0\1"s)).find("ends within a table"), std::string::npos);
    EXPECT_NE(with(hostile_segment(0xDB, '\x20' + std::string(64, '\1'))).find("precision 2"),
              std::string::npos);
    EXPECT_NE(with(hostile_segment(0xDB, '\x00' + std::string(9, '\1'))).find("ends within a table"),
              std::string::npos);
    EXPECT_NE(refusal(replaced(jpeg, "\xFF\xC0", "\xFF\xC3")).find("a kind that is not read"),
              std::string::npos);
    const std::string frame = jpeg.substr(jpeg.find("\xFF\xC0"), 19);
    EXPECT_NE(with(frame).find("two frame headers"), std::string::npos);
    EXPECT_NE(refusal(jpeg.substr(0, jpeg.find("\xFF\xDA")) + "\xFF\xD9").find("no pixels"),
              std::string::npos);
}

TEST(HostileJpeg, CutOnesAreCalledCut) {
    const std::string jpeg = whole_jpeg();
    const std::size_t scan = jpeg.find("\xFF\xDA");
    for (const std::size_t size :
         {std::size_t{20}, jpeg.find("\xFF\xC0") + 6, scan + 5, scan + 40, jpeg.size() - 2}) {
        EXPECT_NE(refusal(jpeg.substr(0, size)).find("is a JPEG that is cut short"), std::string::npos)
            << size << ": " << refusal(jpeg.substr(0, size));
    }
}

// Every byte before the pixels takes other values: a memory checker finds what gets past the check.
TEST(HostileJpeg, MutationsEndInAnImageOrAnError) {
    const TemporaryFolder folder;
    const std::string jpeg = whole_jpeg();
    std::mt19937 random(5);
    for (int i = 0; i < 800; ++i) {
        std::string bytes = jpeg;
        for (unsigned n = 0; n <= random() % 4; ++n) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        if (i % 7 == 0) {
            bytes.erase(random() % bytes.size(), random() % 64);
        }
        const auto path = folder.file("a.jpg", bytes);
        (void)image_info(path);
        (void)load_image(path);
    }
}

/// A PNG of 16x16 pixels in RGB whose data inflates to `megabytes` MB of zeroes. Written without a library: a
/// deflate stream with fixed codes repeats one zero in pieces of 258 bytes.
std::string inflating_png(std::size_t megabytes) {
    std::string data = "\x78\x01"s;
    unsigned held = 0;
    unsigned count = 0;
    const auto put = [&](unsigned value, unsigned width) {  // Low bit first.
        held |= value << count;
        for (count += width; count >= 8; count -= 8, held >>= 8U) {
            data += static_cast<char>(held & 255U);
        }
    };
    put(3, 3);     // Last block, fixed codes.
    put(0x0C, 8);  // The byte 0: 00110000, high bit first.
    for (std::size_t done = 1; done < megabytes << 20U; done += 258) {
        put(0xA3, 8);  // Length 258: 11000101, high bit first.
        put(0, 5);     // Distance 1.
    }
    put(0, 7);  // End of the block.
    put(0, 7);
    const auto big = [](std::size_t value) {
        std::string text;
        for (const unsigned shift : {24U, 16U, 8U, 0U}) {
            text += static_cast<char>(value >> shift & 255U);
        }
        return text;
    };
    const auto chunk = [&](const std::string& name, const std::string& body) {
        return big(body.size()) + name + body + "\0\0\0\0"s;  // stb_image reads no checksum.
    };
    return "\x89PNG\r\n\x1a\n"s + chunk("IHDR", big(16) + big(16) + "\x08\x02\0\0\0"s) + chunk("IDAT", data) +
           chunk("IEND", "");
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_has_a_shadow = true;
#else
constexpr bool memory_has_a_shadow = false;
#endif
constexpr const char* growth_is_not_known = "SKIPPED: the growth of the memory cannot be measured here";
constexpr long little_memory = 64 << 10;  ///< In KB.

/// The peak of this process's memory in KB; 0 where the system does not say.
long memory_peak() {
    std::ifstream status("/proc/self/status");
    const std::string key = "VmHWM:";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key)) {
            return std::stol(line.substr(key.size()));
        }
    }
    return 0;
}

/// By how many KB the memory of this process grows at its peak while `work` runs. The peak of what ran
/// before, which would hide it, is forgotten; none where the system does not allow that, and with a
/// sanitizer.
template <class Work>
std::optional<long> growth_of_memory(const Work& work) {
    ::malloc_trim(0);  // What other cases freed would be used again without growth: trainings keep it.
    std::ofstream forget("/proc/self/clear_refs");
    const bool forgotten = (forget << 5 << std::flush) && !memory_has_a_shadow;
    const long before = memory_peak();
    work();
    const long growth = memory_peak() - before;
    return forgotten && before > 0 ? std::optional(growth) : std::nullopt;
}

TEST(HostilePng, DataBeyondThePictureIsNotInflated) {
    const std::string png = inflating_png(1000);
    std::string said;
    const auto growth = growth_of_memory([&] { said = refusal(png, "a.png"); });
    EXPECT_NE(said.find("holds more data than an image of 16x16 pixels needs"), std::string::npos) << said;
    if (!growth) {
        GTEST_SKIP() << growth_is_not_known;
    }
    EXPECT_LT(*growth, little_memory);
    // Where the system takes other pages of this process away at that moment, the peak does not rise.
    long seen = 0;
    for (int attempt = 0; attempt < 5 && seen <= little_memory; ++attempt) {
        seen = growth_of_memory([] {
                   const std::string large(std::size_t{128} << 20U, 'x');
                   EXPECT_EQ(large.back(), 'x');
               }).value_or(0);
    }
    EXPECT_GT(seen, little_memory) << "the measure would miss it";
}

TEST(HostilePng, ACutOneIsCalledACutPng) {
    const auto whole = encode_png(test::random_image(40, 40, 3, 1));
    ASSERT_TRUE(whole);
    for (std::size_t size = 9; size < whole->size(); size += 37) {
        const std::string said = refusal(whole->substr(0, size), "a.png");
        EXPECT_NE(said.find("is a PNG that is cut short"), std::string::npos) << size << ": " << said;
        EXPECT_EQ(said.find("JPEG"), std::string::npos) << said;
    }
    std::string damaged = *whole;
    damaged.replace(damaged.find("IDAT") + 4, 40, std::string(40, '\x5A'));
    EXPECT_EQ(refusal(damaged, "a.png").find("Corrupt JPEG"), std::string::npos) << refusal(damaged, "a.png");
}

TEST(HostilePng, TheHeaderMustComeFirst) {
    const TemporaryFolder folder;
    const auto whole = encode_png(test::random_image(20, 14, 3, 1));
    ASSERT_TRUE(whole);
    const auto with_first = [&](const std::string& chunk) {
        std::string bytes = *whole;
        return bytes.insert(8, "\0\0\0\4"s + chunk + "\0\0\0\2\0\0\0\0"s);
    };
    // stb_image would swap red and blue of what Apple's programs write.
    for (const auto& [chunk, words] : {std::pair("CgBI"s, "in the form of Apple's programs"s),
                                       std::pair("abCD"s, "first chunk is abCD"s)}) {
        const auto path = folder.file("a.png", with_first(chunk));
        const auto image = load_image(path);
        ASSERT_FALSE(image) << chunk;
        EXPECT_NE(image.error().what.find(words), std::string::npos) << image.error().what;
        EXPECT_FALSE(image_info(path)) << chunk;
    }
    const auto info = image_info(folder.file("a.png", with_first("CgBI")));
    ASSERT_FALSE(info);
    EXPECT_NE(info.error().hint.find("normal PNG"), std::string::npos) << info.error().message();
}

/// The error of image_info() for a file of these first bytes that is `size` bytes long, nearly all of them a
/// hole; and that it takes little memory.
std::string refusal_of_large(const std::string& start, std::uintmax_t size) {
    const TemporaryFolder folder;
    const auto path = folder.file("a.png", start);
    std::filesystem::resize_file(path, size);
    std::string said;
    const auto growth = growth_of_memory([&] {
        const auto info = image_info(path);
        said = info ? "" : info.error().message();
    });
    EXPECT_LT(growth.value_or(0), little_memory);
    EXPECT_NE(said, "");
    return said;
}

TEST(HostileImage, OfALargeFileThatIsNoneOnlyTheBeginningIsRead) {
    const std::uintmax_t gigabyte = std::uintmax_t{1} << 30U;
    const std::string other = refusal_of_large("\1\2\3", gigabyte);
    EXPECT_NE(other.find("is not an image that can be read"), std::string::npos) << other;
    const std::string video = refusal_of_large("\x1a\x45\xdf\xa3", 16 * gigabyte);
    EXPECT_NE(video.find("is a video"), std::string::npos) << video;
    const std::string jpeg = refusal_of_large("\xFF\xD8\xFF\xE0", 16 * gigabyte);
    EXPECT_NE(jpeg.find("bytes; at most"), std::string::npos) << jpeg;
    if (!growth_of_memory([] {})) {
        GTEST_SKIP() << growth_is_not_known;
    }
}

TEST(HostilePng, MutationsEndInAnImageOrAnError) {
    const TemporaryFolder folder;
    const auto whole = encode_png(test::random_image(20, 14, 4, 1));
    ASSERT_TRUE(whole);
    std::mt19937 random(6);
    for (int i = 0; i < 2000; ++i) {
        std::string bytes = *whole;
        for (unsigned n = 0; n <= random() % 4; ++n) {
            bytes[random() % std::min<std::size_t>(bytes.size(), i % 2 == 0 ? 60 : bytes.size())] =
                static_cast<char>(random());
        }
        (void)load_image(folder.file("a.png", bytes));
    }
}

}  // namespace
}  // namespace lact
