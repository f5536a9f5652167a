// `lactscope compare` and the images it makes.
#include "app/compare/compare_table.h"
#include "app/figures/compare_image.h"
#include "app/figures/contact_sheet.h"
#include "engine/core/files.h"
#include "tests/app/cli/run_program.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::run_lactscope;

const std::string bouquet_arguments =
    " --device cpu --scene " LACT_ASSETS_DIR "/scenes/bouquet --weights " LACT_ASSETS_DIR
    "/weights/general.safetensors ";

nlohmann::json json_of(const std::string& arguments) {
    const auto run = run_lactscope(arguments);
    EXPECT_EQ(run.exit_code, 0) << arguments << "\n" << run.err;
    return nlohmann::json::parse(run.out, nullptr, false);
}

ImageF filled(int width, int height, float value) {
    return {width, height, std::vector<float>(static_cast<std::size_t>(width * height * 3), value)};
}

std::array<int, 3> pixel_at(const Image8& image, int x, int y) {
    const auto at = static_cast<std::size_t>((y * image.width + x) * 3);
    return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
}

TEST(CompareImage, ShowsEachMode) {
    const ImageF a = filled(8, 4, 1.0F);
    const ImageF b = filled(8, 4, 0.0F);
    CompareStyle style;
    style.scale = 2;
    const Image8 side = compare_image(a, b, style);
    EXPECT_EQ(side.width, 16 + 8 + 16);
    EXPECT_EQ(pixel_at(side, 0, 0), (std::array{255, 255, 255}));
    EXPECT_EQ(pixel_at(side, 39, 7), (std::array{0, 0, 0}));
    style.mode = CompareMode::wipe;
    style.divider = 0.25;
    const Image8 wipe = compare_image(a, b, style);
    EXPECT_EQ(wipe.width, 16);
    EXPECT_EQ(pixel_at(wipe, 2, 3), (std::array{255, 255, 255}));
    EXPECT_EQ(pixel_at(wipe, 5, 3), (std::array{0, 0, 0}));
    EXPECT_NE(pixel_at(wipe, 4, 3), (std::array{0, 0, 0}));  // the divider
    EXPECT_TRUE(compare_image(a, filled(4, 4, 0), style).pixels.empty());
}

TEST(CompareImage, AmplifiesDifferencesAndKnowsTheirSign) {
    CompareStyle style;
    style.mode = CompareMode::difference;
    const auto colour = [&](float a, float b, double amplify) {
        style.amplify = amplify;
        return pixel_at(compare_image(filled(2, 2, a), filled(2, 2, b), style), 1, 1);
    };
    const auto more = colour(0.6F, 0.5F, 10);
    const auto less = colour(0.5F, 0.6F, 10);
    EXPECT_GT(more[0], more[2]) << "A brighter: red";
    EXPECT_LT(less[0], less[2]) << "B brighter: blue";
    EXPECT_EQ(more, colour(1.0F, 0.0F, 1)) << "a tenth, ten times, is the last colour";
    EXPECT_NE(more, colour(0.6F, 0.5F, 1));
    const ColourKey key = colour_key(CompareMode::difference, 10, 64, 4);
    EXPECT_EQ(pixel_at(key.bar, 63, 0), more);
    EXPECT_EQ(pixel_at(key.bar, 0, 3), less);
    EXPECT_NE(key.words.find("0.1"), std::string::npos);
    style.mode = CompareMode::error;
    EXPECT_EQ(colour(0.6F, 0.5F, 10), colour(0.5F, 0.6F, 10));
}

TEST(CompareTable, MeansLeaveOutWhatIsNoNumber) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    CompareTable table;
    table.rows = {{3, "a,\"b\".png", 10, 0.5, infinite, 1, none, none},
                  {5, "c.png", 20, 0.7, 30, 1, none, none}};
    const CompareRow mean = table.mean();
    EXPECT_DOUBLE_EQ(mean.psnr_a, 15);
    EXPECT_TRUE(std::isinf(mean.psnr_b));
    EXPECT_TRUE(std::isnan(mean.psnr_ab));
    const std::string csv = to_csv(table, "bouquet", {64, 64});
    EXPECT_NE(csv.find("view,name,psnr_a,ssim_a,psnr_b,ssim_b,psnr_ab,ssim_ab\n"), std::string::npos) << csv;
    EXPECT_NE(csv.find("3,\"a,\"\"b\"\".png\",10,0.5,inf,1,nan,nan\n"), std::string::npos) << csv;
    const auto written = to_json(table);
    EXPECT_EQ(written.at("views")[0].at("psnr_b"), "inf");
    EXPECT_TRUE(written.at("mean").at("psnr_ab").is_null());
}

TEST(CompareCommand, FiguresAreThoseOfEval) {
    const TemporaryFolder folder;
    const std::string out = " -o " + (folder.path() / "out").string();
    const auto compared = json_of("compare --json" + bouquet_arguments +
                                  "--inputs 6 --a rule=ascent --b rule=mse,steps=2,precision=bf16" + out);
    const auto a = json_of("eval --json" + bouquet_arguments + "--inputs 6 --rule ascent");
    const auto b =
        json_of("eval --json" + bouquet_arguments + "--inputs 6 --rule mse,steps=2 --precision bf16");
    const auto& views = compared.at("views");
    ASSERT_FALSE(views.empty());
    ASSERT_EQ(views.size(), a.at("views").size());
    for (std::size_t i = 0; i < views.size(); ++i) {
        EXPECT_EQ(views[i].at("index"), a.at("views")[i].at("index"));
        EXPECT_EQ(views[i].at("psnr_a"), a.at("views")[i].at("psnr"));
        EXPECT_EQ(views[i].at("ssim_a"), a.at("views")[i].at("ssim"));
        EXPECT_EQ(views[i].at("psnr_b"), b.at("views")[i].at("psnr"));
        EXPECT_EQ(views[i].at("ssim_b"), b.at("views")[i].at("ssim"));
    }
    EXPECT_DOUBLE_EQ(compared.at("mean").at("psnr_a").get<double>(), a.at("psnr").at("mean").get<double>());
    EXPECT_EQ(compared.at("a").at("rule"), a.at("rule"));
    EXPECT_EQ(compared.at("a").at("rule_switched_at_inference"), true);
    EXPECT_EQ(compared.at("b").at("precision"), "bf16");
}

TEST(CompareCommand, ChoosesInputViewsAsEvalDoes) {
    const TemporaryFolder folder;
    const std::string out = " -o " + (folder.path() / "out").string();
    const auto compared =
        json_of("compare --json" + bouquet_arguments + "--a current --b views=4 --targets 3,6" + out);
    const auto eight = json_of("eval --json" + bouquet_arguments + "--targets 3,6");
    const auto four = json_of("eval --json" + bouquet_arguments + "--inputs 4 --targets 3,6");
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(compared.at("views")[i].at("psnr_a"), eight.at("views")[i].at("psnr"));
        EXPECT_EQ(compared.at("views")[i].at("psnr_b"), four.at("views")[i].at("psnr"));
    }
    EXPECT_EQ(compared.at("b").at("inputs"), four.at("inputs"));
}

TEST(CompareCommand, AgainstThePhotoIsWhatEvalMeasures) {
    const TemporaryFolder folder;
    const auto out = folder.path() / "out";
    const auto compared = json_of("compare --json" + bouquet_arguments +
                                  "--b photo --mode error --amplify 4 -o " + out.string());
    const auto eval = json_of("eval --json" + bouquet_arguments);
    for (std::size_t i = 0; i < compared.at("views").size(); ++i) {
        const auto& view = compared.at("views")[i];
        EXPECT_EQ(view.at("psnr_ab"), eval.at("views")[i].at("psnr"));
        EXPECT_EQ(view.at("ssim_ab"), view.at("ssim_a"));
        EXPECT_EQ(view.at("psnr_b"), "inf");
        EXPECT_EQ(view.at("ssim_b"), 1.0);
    }
    ASSERT_FALSE(compared.at("views").empty());
    const auto written = read_file(out / "comparison.json");
    ASSERT_TRUE(written.has_value());
    EXPECT_EQ(nlohmann::json::parse(*written), compared);
    const int first = compared.at("views")[0].at("index").get<int>();
    const auto image = load_image(out / ("view-00" + std::to_string(first) + ".png"));
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(image->width, 192);
    EXPECT_TRUE(load_image(out / "comparison.png").has_value());
    const auto csv = run_lactscope("compare --csv" + bouquet_arguments + "--b photo -o " + out.string());
    EXPECT_EQ(*read_file(out / "comparison.csv"), csv.out);
}

TEST(CompareCommand, TheTruthOfAGeneratedSceneIsItsPhotos) {
    const TemporaryFolder folder;
    const auto made = folder.path() / "worlds";
    ASSERT_EQ(run_lactscope("generate --seed 100000057 --views 10 --size 64 -o " + made.string()).exit_code,
              0);
    const std::string world = (made / "general_100000057").string();
    const auto compared = json_of("compare --json --device cpu --scene " + world +
                                  " --size 64 --inputs 4 --b truth -o " + (folder.path() / "out").string());
    ASSERT_EQ(compared.at("views").size(), 6U);
    for (const auto& view : compared.at("views")) {
        EXPECT_NEAR(view.at("psnr_a").get<double>(), view.at("psnr_ab").get<double>(), 1e-9);
        EXPECT_EQ(view.at("psnr_b"), "inf");
    }
}

TEST(CompareCommand, TheTruthIsDrawnWhereNormalisedCamerasStand) {
    const TemporaryFolder folder;
    const auto made = folder.path() / "worlds";
    ASSERT_EQ(run_lactscope("generate --seed 100000057 --views 10 --size 64 -o " + made.string()).exit_code,
              0);
    const std::string world = (made / "general_100000057").string();
    for (const char* normalization : {"object", "mean-pose"}) {
        const auto compared =
            json_of("compare --json --device cpu --scene " + world + " --normalize " + normalization +
                    " --size 64 --inputs 4 --a photo --b truth -o " + (folder.path() / "out").string());
        EXPECT_EQ(compared.at("normalization"), normalization);
        ASSERT_EQ(compared.at("views").size(), 10U) << "neither side has inputs";
        for (const auto& view : compared.at("views")) {
            const auto& psnr = view.at("psnr_ab");
            EXPECT_TRUE(psnr == "inf" || psnr.get<double>() > 40) << normalization << ": " << psnr;
        }
    }
}

TEST(CompareCommand, LeavesNoImageOfAnEarlierRunAndTouchesNoOther) {
    const TemporaryFolder folder;
    const auto out = folder.path() / "out";
    const std::string photo = "compare --json" + bouquet_arguments + "--a photo --b photo -o " + out.string();
    json_of(photo + " --targets 3,6");
    EXPECT_TRUE(std::filesystem::exists(out / "view-006.png"));
    const auto twice = json_of(photo + " --targets 7,3,7");
    ASSERT_EQ(twice.at("views").size(), 2U) << "each view once";
    EXPECT_EQ(twice.at("views")[0].at("index"), 7);
    EXPECT_TRUE(std::filesystem::exists(out / "view-003.png"));
    EXPECT_FALSE(std::filesystem::exists(out / "view-006.png"));
    EXPECT_EQ(twice.at("amplify"), 4.0) << "as in the window";
    EXPECT_FALSE(twice.at("views")[0].contains("input_of"));
    const auto others = folder.path() / "others";
    std::filesystem::create_directories(others);
    ASSERT_TRUE(write_file_atomically(others / "view-001.png", "mine").has_value());
    const auto run = run_lactscope("compare" + bouquet_arguments + "--b photo -o " + others.string());
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("view-001.png"), std::string::npos) << run.err;
    EXPECT_EQ(*read_file(others / "view-001.png"), "mine");
}

TEST(CompareCommand, SaysWhichViewsAreNotHeldOut) {
    const TemporaryFolder folder;
    const auto run = run_lactscope("compare --json" + bouquet_arguments +
                                   "--input-indices 0,8 --b views=0,5 --targets 0,5,3 -o " +
                                   (folder.path() / "out").string());
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.err.find("view 0 is an input of A and B, and not held out"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("view 5 is an input of B, and not held out"), std::string::npos) << run.err;
    const auto views = nlohmann::json::parse(run.out).at("views");
    EXPECT_EQ(views[0].at("input_of"), (nlohmann::json{"A", "B"}));
    EXPECT_EQ(views[1].at("input_of"), nlohmann::json{"B"});
    EXPECT_FALSE(views[2].contains("input_of"));
}

TEST(CompareCommand, WarnsOfASideOutsideOfTraining) {
    const TemporaryFolder folder;
    const auto run = run_lactscope("compare" + bouquet_arguments + "--b views=1 --targets 3 -o " +
                                   (folder.path() / "out").string());
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_NE(run.err.find("warning: B: "), std::string::npos) << run.err;
    EXPECT_EQ(run.err.find("warning: A"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("bouquet: 32 photos"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("8 input views at 64x64 take about"), std::string::npos) << run.err;
}

TEST(CompareCommand, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    const std::string out = " -o " + (folder.path() / "out").string();
    const std::vector<std::array<std::string, 3>> wrong = {
        {"--b photo,rule=mse", "2", "photo is an image"},
        {"--b captured", "2", "only the window"},
        {"--b nonsense", "2", "nonsense"},
        {"--b truth", "1", "side B: the ground truth of bouquet is not known: it was not generated"},
        {"--a views=1000 --b photo", "1", "side A, views"},
        {"--b views=1000", "1", "1000 input views"},
        {"--b views=0,900", "1", "900"},
        {"--b weights=/nowhere.pt", "1", "/nowhere.pt"},
        {"--b photo --targets 900", "1", "900"},
        {"", "2", "--b"},
        {"--b photo --json --csv", "2", "--json"},
    };
    for (const auto& [arguments, code, words] : wrong) {
        const auto run = run_lactscope("compare" + bouquet_arguments + arguments + out);
        EXPECT_EQ(run.exit_code, std::stoi(code)) << arguments << run.err;
        EXPECT_NE(run.err.find(words), std::string::npos) << arguments << ": " << run.err;
    }
}

}  // namespace

}  // namespace lact::app
