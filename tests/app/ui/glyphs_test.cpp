// Every character that the program can draw is in its fonts: otherwise a question mark stands in its place.
#include "app/ui/theme.h"
#include "engine/core/files.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <imgui.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

/// The contents of the string literals of a C++ source. `escapes`: \x escapes are bytes of text, else they
/// are left out.
std::string texts_of(std::string_view source, bool escapes = true) {
    std::string texts;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source.substr(i).starts_with("//")) {
            i = std::min(source.find('\n', i), source.size());
        } else if (source[i] == '\'') {
            i += source[i + 1] == '\\' ? 3 : 2;
        } else if (source[i] == '"') {
            for (++i; i < source.size() && source[i] != '"'; ++i) {
                if (source[i] != '\\') {
                    texts += source[i];
                } else if (source[++i] == 'x') {
                    const std::string digits(source.substr(i + 1, 2));
                    texts += escapes ? static_cast<char>(std::stoi(digits, nullptr, 16)) : ' ';
                    i += 2;
                }
            }
            texts += '\n';
        }
    }
    return texts;
}

/// The characters beyond ASCII of a text in UTF-8.
std::vector<std::uint32_t> beyond_ascii(const std::string& text) {
    std::vector<std::uint32_t> found;
    const char* at = text.data();
    const char* end = at + text.size();
    while (at < end) {
        unsigned character = 0;
        at += std::max(1, ImTextCharFromUtf8(&character, at, end));
        if (character >= 0x80 && character != IM_UNICODE_CODEPOINT_INVALID) {
            found.push_back(character);
        }
    }
    return found;
}

bool is_icon(std::uint32_t character) {
    return character >= 0xE000 && character < 0xF900;  // The private area of Font Awesome.
}

/// Each character of the texts of the window, with a file that has it.
std::map<std::uint32_t, std::string> characters_of_the_window() {
    std::map<std::uint32_t, std::string> all;
    const std::filesystem::path root = std::filesystem::path(LACT_TESTS_DIR).parent_path();
    const auto add = [&](const std::filesystem::path& file, const std::string& text) {
        for (const std::uint32_t character : beyond_ascii(text)) {
            all.emplace(character, file.lexically_relative(root).string());
        }
    };
    for (const char* folder : {"app", "engine"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            const std::string extension = entry.path().extension().string();
            if ((extension == ".cpp" || extension == ".h") &&
                entry.path().parent_path().filename() != "cli") {  // A terminal has its own fonts.
                // The engine has \x escapes in the signatures of file formats alone.
                add(entry.path(),
                    texts_of(lact::read_file(entry.path()).value_or(""), folder == std::string("app")));
            }
        }
    }
    const auto tour = root / "assets" / "tour.json";
    add(tour, lact::read_file(tour).value_or(""));
    return all;
}

TEST(Glyphs, EveryCharacterOfTheWindowIsInItsFonts) {
    ImGui::CreateContext();
    const Fonts fonts = load_fonts();
    const auto characters = characters_of_the_window();
    EXPECT_GT(characters.size(), 60U);
    for (const auto& [font, name, has_icons] :
         {std::tuple{fonts.text, "text", true}, std::tuple{fonts.bold, "bold", true},
          std::tuple{fonts.mono, "mono", false}, std::tuple{fonts.math, "math", false}}) {
        for (const auto& [character, file] : characters) {
            if (has_icons || !is_icon(character)) {
                EXPECT_LE(character, IM_UNICODE_CODEPOINT_MAX) << file;
                EXPECT_TRUE(font->IsGlyphInFont(static_cast<ImWchar>(character)))
                    << name << " lacks " << fmt::format("U+{:04X}", character) << ", in " << file;
            }
        }
        EXPECT_FALSE(font->IsGlyphInFont(0x0E01)) << "a letter that no font here has";
    }
    ImGui::DestroyContext();
}

TEST(Glyphs, AreFoundInTextsAlone) {
    EXPECT_EQ(texts_of("// \"ä\"\nf('\"', \"a\\xc3\\xb6\", \"b\");"), "a\xc3\xb6\nb\n");
    EXPECT_EQ(beyond_ascii("a\xc3\xb6"), std::vector<std::uint32_t>{0xF6});
}

}  // namespace

}  // namespace lact::app
