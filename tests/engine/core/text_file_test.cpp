#include "engine/core/text_file.h"

#include "app/document/session_file.h"
#include "app/video/provenance.h"
#include "engine/model/checkpoint.h"
#include "engine/model/safetensors.h"
#include "engine/model/weights_info.h"
#include "engine/procedural/world_family.h"
#include "engine/scene/camera_track_import.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/image.h"
#include "engine/train/sweep.h"
#include "engine/train/train_config.h"
#include "tests/support/temporary_folder.h"

#include <functional>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;
using namespace std::string_literals;

std::string in_utf16(const std::string& text, bool big_endian, bool mark) {
    std::string wide = mark ? big_endian ? "\xfe\xff"s : "\xff\xfe"s : std::string();
    for (const char letter : text) {
        wide += big_endian ? std::string{'\0', letter} : std::string{letter, '\0'};
    }
    return wide;
}

std::string with_windows_ends(const std::string& text) {
    std::string out;
    for (const char letter : text) {
        out += letter == '\n' ? "\r\n" : std::string(1, letter);
    }
    return out;
}

const std::string plain_json = "{\n \"a\": [1, 2],\n \"b\": \"x // no /* comment */, é\"\n}\n";

struct TextVariant {
    const char* what;
    std::string text;
    friend void PrintTo(const TextVariant& variant, std::ostream* out) { *out << variant.what; }
};
class JsonVariant : public testing::TestWithParam<TextVariant> {};

TEST_P(JsonVariant, ReadsAsThePlainText) {
    const TemporaryFolder folder;
    const auto expected = nlohmann::json::parse(plain_json);
    const auto json = parse_json_file(folder.file("x.json", GetParam().text));
    ASSERT_TRUE(json.has_value()) << json.error().message();
    EXPECT_EQ(*json, expected);
    const auto in_order = parse_ordered_json(GetParam().text, "x");
    ASSERT_TRUE(in_order.has_value()) << in_order.error().message();
    EXPECT_EQ(in_order->dump(), nlohmann::ordered_json::parse(plain_json).dump());
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonVariant,
    testing::Values(TextVariant{"Plain", plain_json},
                    TextVariant{"ByteOrderMark", "\xef\xbb\xbf" + plain_json},
                    TextVariant{"WindowsLineEnds", with_windows_ends(plain_json)},
                    TextVariant{"MarkAndWindowsLineEnds", "\xef\xbb\xbf" + with_windows_ends(plain_json)},
                    TextVariant{"LineComments",
                                "// don't \"quote [ {\n{ // one\n" + plain_json.substr(1) + "// end"},
                    TextVariant{"BlockComments", "/* [ \" \n { */" + plain_json + "/**/"},
                    TextVariant{"CommentsAfterAMark", "\xef\xbb\xbf// c\r\n" + plain_json}),
    [](const auto& test) { return test.param.what; });

TEST(ParseJson, NanAndInfinityBecomeNullOutsideOfStringsAndComments) {
    const auto json = parse_json("[NaN, -Infinity, \"NaN\" /* NaN ' */, nan, 1] // \" inf", "x");
    ASSERT_TRUE(json.has_value()) << json.error().message();
    EXPECT_EQ(json->dump(), R"([null,null,"NaN",null,1])");
}

struct SyntaxCase {
    const char* what;
    std::string text;
    const char* place;
    const char* hint = "";
    friend void PrintTo(const SyntaxCase& bad, std::ostream* out) { *out << bad.what; }
};
class JsonSyntax : public testing::TestWithParam<SyntaxCase> {};

TEST_P(JsonSyntax, ErrorNamesLineAndColumnOfTheFile) {
    const auto json = parse_json(GetParam().text, "x.json");
    ASSERT_FALSE(json.has_value());
    EXPECT_EQ(json.error().where, "x.json");
    EXPECT_NE(json.error().what.find(GetParam().place), std::string::npos) << json.error().what;
    EXPECT_NE(json.error().hint.find(GetParam().hint), std::string::npos) << json.error().hint;
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonSyntax,
    testing::Values(
        SyntaxCase{"TrailingCommaInAnObject", "{\n \"a\": 1,\n}", "line 3, column 1, byte 12", "remove it"},
        SyntaxCase{"TrailingCommaInAList", "[1,\n  2 , ]", "line 2, column 7", "remove it"},
        SyntaxCase{"TrailingCommaBehindAComment", "[1, // one\n  2, /* two */ ]", "line 2, column 16",
                   "remove it"},
        SyntaxCase{"TrailingCommaBehindNan", "[NaN, NaN, -Infinity, 5,]", "line 1, column 25", "remove it"},
        SyntaxCase{"CommaMissing", "{\"a\": 1\n\"b\": 2}", "line 2, column"},
        SyntaxCase{"HashIsNoCommentOfJson", "# c\n{}", "line 1, column 1"},
        SyntaxCase{"CommentWithoutEnd", "[1] /* x", "line 1, column 5"},
        SyntaxCase{"WindowsLineEnds", "{\r\n \"a\": 1,\r\n}", "line 3, column 1"}),
    [](const auto& test) { return test.param.what; });

TEST(ParseJson, SixtyFourLevelsAreReadAndSixtyFiveAreNot) {
    const auto nested = [](std::size_t depth, char open, char close) {
        std::string text;
        for (std::size_t i = 0; i < depth; ++i) {
            text += open == '{' && i + 1 < depth ? "{\"a\":"s : std::string(1, open);
        }
        return text + std::string(depth, close);
    };
    EXPECT_TRUE(parse_json(nested(64, '[', ']'), "x").has_value());
    EXPECT_TRUE(parse_json(nested(64, '{', '}'), "x").has_value());
    for (const auto& text : {nested(65, '[', ']'), nested(65, '{', '}')}) {
        const auto json = parse_json(text, "x");
        ASSERT_FALSE(json.has_value());
        EXPECT_NE(json.error().what.find("more than 64 deep"), std::string::npos) << json.error().what;
    }
    EXPECT_TRUE(parse_json("[\"" + std::string(100, '[') + "\"]", "x").has_value()) << "strings do not nest";
    EXPECT_TRUE(parse_json("[] //" + std::string(100, '['), "x").has_value()) << "comments do not nest";
}

/// Every reader of JSON, with 50,000 levels.
struct JsonReader {
    const char* what;
    std::function<std::string(const TemporaryFolder&, const std::string&)> error;  ///< Of this text.
    friend void PrintTo(const JsonReader& reader, std::ostream* out) { *out << reader.what; }
};
class DeepJson : public testing::TestWithParam<JsonReader> {};

TEST_P(DeepJson, IsAnErrorThatSaysSo) {
    std::string lists = "{\"frames\": " + std::string(50'000, '[') + std::string(50'000, ']') + "}";
    std::string objects;
    for (int i = 0; i < 50'000; ++i) {
        objects += "{\"config\":";
    }
    objects += "1" + std::string(50'000, '}');
    for (const std::string& text : {lists, objects}) {
        const TemporaryFolder folder;
        const std::string error = GetParam().error(folder, text);
        EXPECT_NE(error.find("more than 64 deep"), std::string::npos) << error.substr(0, 300);
    }
}

template <class T>
std::string json_message(const Result<T>& result) {
    return result ? "no error" : result.error().message();
}

INSTANTIATE_TEST_SUITE_P(
    All, DeepJson,
    testing::Values(JsonReader{"File",
                               [](const TemporaryFolder& folder, const std::string& text) {
                                   return json_message(parse_json_file(folder.file("x", text)));
                               }},
                    JsonReader{"WeightsMetadata",
                               [](const TemporaryFolder&, const std::string& text) {
                                   return json_message(parse_weights_info(text));
                               }},
                    JsonReader{"DeclaredConfig",
                               [](const TemporaryFolder&, const std::string& text) {
                                   return json_message(parse_declared_config(text));
                               }},
                    JsonReader{
                        "SafetensorsHeader",
                        [](const TemporaryFolder& folder, const std::string& text) {
                            std::string bytes;
                            for (std::size_t i = 0; i < 8; ++i) {
                                bytes +=
                                    static_cast<char>(static_cast<unsigned char>(text.size() >> (8 * i)));
                            }
                            return json_message(read_safetensors(folder.file("x.safetensors", bytes + text)));
                        }},
                    JsonReader{"TrainingConfiguration",
                               [](const TemporaryFolder& folder, const std::string& text) {
                                   return json_message(load_train_config(folder.file("x.json", text)));
                               }},
                    JsonReader{"Sweep",
                               [](const TemporaryFolder& folder, const std::string& text) {
                                   return json_message(load_sweep(folder.file("x", text)));
                               }},
                    JsonReader{"WorldFamily",
                               [](const TemporaryFolder& folder, const std::string& text) {
                                   return json_message(find_family(folder.file("x.json", text).string()));
                               }},
                    JsonReader{"CameraPath",
                               [](const TemporaryFolder& folder, const std::string& text) {
                                   return json_message(import_camera_track(folder.file("x.json", text)));
                               }},
                    JsonReader{"Session",
                               [](const TemporaryFolder& folder, const std::string& text) {
                                   return json_message(app::load_session_file(folder.file("x.json", text)));
                               }}),
    [](const auto& test) { return test.param.what; });

TEST(ParseJson, DeepJsonInThePictureOfASessionIsNoSession) {
    const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
    const TemporaryFolder folder;
    const Image8 image{2, 2, 3, std::vector<std::uint8_t>(12)};
    const auto about =
        app::read_provenance(folder.file("x.png", encode_png(image, {{"session", deep}}).value()));
    ASSERT_TRUE(about.has_value()) << about.error().message();
    EXPECT_FALSE(parse_json(about->at("session"), "session").has_value());
}

class ColmapTextVariant : public testing::TestWithParam<std::function<std::string(const std::string&)>> {};

TEST_P(ColmapTextVariant, ReadsAsThePlainText) {
    const TemporaryFolder folder;
    const auto& variant = GetParam();
    const auto cameras = folder.file(
        "cameras.txt",
        variant("# Camera list\n1 PINHOLE 64 48 70.5 71.5 32 24\n\n2 simple_pinhole 64 48 70 32 24\n"));
    const auto images =
        folder.file("images.txt", variant("# Image list\n1 1 0 0 0 0 0 1 1 a.png\n1.5 2.5 -1\n"
                                          "2 1 0 0 0 0 0 2 2 b c.png\n\n"));
    const auto model = read_colmap_model(images);
    ASSERT_TRUE(model.has_value()) << model.error().message();
    ASSERT_EQ(model->images.size(), 2U);
    EXPECT_EQ(model->images[0].name, "a.png");
    EXPECT_EQ(model->images[1].name, "b c.png");
    EXPECT_EQ(model->cameras.at(1).intrinsics.fx, 70.5);
    EXPECT_EQ(model->cameras.at(2).intrinsics.fx, 70);
    EXPECT_EQ(colmap_image_count(images), 2U);
}

INSTANTIATE_TEST_SUITE_P(Variants, ColmapTextVariant,
                         testing::Values([](const std::string& text) { return text; },
                                         [](const std::string& text) { return "\xef\xbb\xbf" + text; },
                                         [](const std::string& text) { return with_windows_ends(text); },
                                         [](const std::string& text) {
                                             return "\xef\xbb\xbf" + with_windows_ends(text);
                                         }));

TEST(TextFile, WideTextIsNamedWithTheCommandThatConvertsIt) {
    const TemporaryFolder folder;
    for (const bool big : {false, true}) {
        for (const bool mark : {false, true}) {
            const auto path = folder.file("transforms.json", in_utf16("{\"frames\": []}", big, mark));
            for (const std::string& message :
                 {json_message(parse_json_file(path)), json_message(read_text_file(path))}) {
                EXPECT_NE(message.find("UTF-16"), std::string::npos) << message;
                EXPECT_NE(message.find("iconv -f UTF-16 -t UTF-8 " + path.string()), std::string::npos)
                    << message;
            }
        }
    }
}

TEST(CameraModels, OfAnyLetterCaseAreKnown) {
    for (const char* name :
         {"PINHOLE", "Pinhole", "opencv", "OpenCV_Fisheye", "simple_radial", "full_OPENCV"}) {
        EXPECT_NE(colmap_lens(std::string_view(name)), nullptr) << name;
    }
    for (const char* name : {"", "PINHOL", "PINHOLES", "spherical"}) {
        EXPECT_EQ(colmap_lens(std::string_view(name)), nullptr) << name;
    }
}

}  // namespace
}  // namespace lact
