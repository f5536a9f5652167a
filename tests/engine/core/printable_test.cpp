// Texts of unknown origin: names of files and metadata that a terminal must not obey.
#include "engine/core/printable.h"

#include "engine/core/error.h"
#include "engine/core/text_file.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using namespace std::string_literals;

TEST(Printable, EscapesWhatATerminalObeys) {
    EXPECT_EQ(printable("plain ä 漢 \U0001F600 text\n\ttab"), "plain ä 漢 \U0001F600 text\n\ttab");
    EXPECT_EQ(printable("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    EXPECT_EQ(printable("a\rb\x7f\0c"s), "a\\x0db\\x7f\\x00c");
    EXPECT_EQ(printable("\xC2\x9B"
                        "31m"),
              "\\u009b31m");  // CSI as one character.
    EXPECT_EQ(printable("gpj.\xE2\x80\xAE"
                        "a"),
              "gpj.\\u202ea");  // Right-to-left override.
    EXPECT_EQ(printable("latin \xE9, cut \xE6\xBC"), "latin \\xe9, cut \\xe6\\xbc");
    EXPECT_EQ(printable("\xC0\xAF\xED\xA0\x80\xF5"), "\\xc0\\xaf\\xed\\xa0\\x80\\xf5");
    EXPECT_EQ(printable_line("two\nlines\t"), "two\\nlines\\t");
    const std::string once = printable_line("\x1b\n\xff");
    EXPECT_EQ(printable_line(once), once);
}

TEST(Printable, ErrorsEscapeTheirFile) {
    const Error error{"is broken", "/tmp/\x1b[2J\nerror: all is lost", "", false};
    EXPECT_EQ(error.message(), "/tmp/\\x1b[2J\\nerror: all is lost: is broken");
}

TEST(DumpJson, TakesAnyBytes) {
    const nlohmann::json json{{"path", "caf\xE9.png"}, {"title", "a\x1b\x7f\xC2\x9B ä"}};
    const std::string text = dump_json(json);
    EXPECT_EQ(text, R"({"path":"caf)"
                    "\xEF\xBF\xBD"
                    R"(.png","title":"a\u001b\u007f\u009b ä"})");
    const auto again = parse_json(text, "text");
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ((*again)["title"], json["title"]);
    EXPECT_EQ(dump_json(nlohmann::ordered_json{{"b", "ä"}, {"a", 1}}, -1, true), R"({"b":"\u00e4","a":1})");
    EXPECT_EQ(dump_json(nlohmann::json{{"a", 1}}, 2), "{\n  \"a\": 1\n}");
}

/// The lines of sources below a folder of the project that hold `text`, "file: line".
std::vector<std::string> lines_with(const std::string& folder, const std::string& text) {
    std::vector<std::string> found;
    const auto root = std::filesystem::path(LACT_TESTS_DIR).parent_path();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
        if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") {
            continue;
        }
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
            if (line.find(text) != std::string::npos) {
                found.push_back(entry.path().lexically_relative(root).string() + ": " + line);
            }
        }
    }
    return found;
}

// One place each: what is written elsewhere forgets what these places take care of.
TEST(OnePlace, JsonBecomesTextInDumpJson) {
    for (const char* folder : {"app", "engine"}) {
        for (const std::string& line : lines_with(folder, ".dump(")) {
            EXPECT_TRUE(line.starts_with("engine/core/text_file.cpp")) << line;
        }
    }
}

TEST(OnePlace, TheTerminalIsWrittenToByPrintText) {
    for (const char* call : {"fmt::print(", "std::cout", "std::cerr", "fprintf(", "fputs(", "std::puts("}) {
        for (const char* folder : {"app", "engine"}) {
            for (const std::string& line : lines_with(folder, call)) {
                ADD_FAILURE() << line;
            }
        }
    }
}

TEST(OnePlace, FilesAreWrittenByOutputPath) {
    for (const char* call : {"O_CREAT", "std::ofstream", "fopen(", "mkstemp", "\".part\""}) {
        for (const char* folder : {"app", "engine"}) {
            for (const std::string& line : lines_with(folder, call)) {
                // The curve of a run is appended to, in a folder that is locked.
                EXPECT_TRUE(line.starts_with("engine/core/output_path") ||
                            line.starts_with("engine/train/run_folder.h"))
                    << line;
            }
        }
    }
}

TEST(OnePlace, FilesOfTheUserAreOpenedByOpenForReading) {
    for (const char* call : {"std::ifstream", "O_RDONLY", "mmap("}) {
        for (const char* folder : {"app", "engine"}) {
            for (const std::string& line : lines_with(folder, call)) {
                // /proc; folders and locks.
                EXPECT_TRUE(line.starts_with("engine/session/memory.cpp") ||
                            line.starts_with("engine/core/files.cpp") ||
                            line.starts_with("engine/core/output_path.cpp") ||
                            line.starts_with("app/platform/child_process.cpp"))
                    << line;
            }
        }
    }
}

}  // namespace
}  // namespace lact
