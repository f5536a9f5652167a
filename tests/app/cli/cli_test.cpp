// The program from outside: exit codes, what goes to stdout, and that its figures are those of the engine.
#include "engine/metrics/metrics.h"
#include "tests/app/cli/run_program.h"
#include "tests/support/vulkan.h"

#include <chrono>
#include <cmath>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using nlohmann::json;
using test::general_weights;
using test::ProgramRun;
using test::run_lactscope;

const std::string yellow_car = LACT_ASSETS_DIR "/scenes/yellow_car";

TEST(Cli, HelpOfEveryCommandIsThere) {
    for (const char* command :
         {"", "eval", "render", "inspect", "info", "convert", "demo", "generate", "train", "heldout", "bench",
          "compare", "record", "poses", "sequence", "experiment", "report"}) {
        const ProgramRun run = run_lactscope(std::string(command) + " --help");
        EXPECT_EQ(run.exit_code, 0) << command;
        EXPECT_NE(run.out.find(*command == '\0' ? "Exit codes" : command), std::string::npos) << run.out;
    }
    EXPECT_EQ(run_lactscope("--version").exit_code, 0);
}

TEST(Cli, InfoKnowsScenesByAnyOfTheirFilesAndSaysSoOnStdout) {
    const TemporaryFolder folder;
    const std::string colmap = std::string(LACT_TESTS_DIR) + "/data/colmap";
    std::filesystem::copy(yellow_car, folder.path() / "scene", std::filesystem::copy_options::recursive);
    std::filesystem::rename(folder.path() / "scene/opencv_cameras.json", folder.path() / "scene/VIEWS.JSON");
    for (const std::string& path :
         {yellow_car, colmap + "/sparse/0/images.bin", colmap + "/sparse/0/cameras.bin",
          colmap + "/text/images.txt", folder.path().string() + "/scene/VIEWS.JSON"}) {
        const ProgramRun run = run_lactscope("info " + path);
        EXPECT_EQ(run.exit_code, 0) << run.err;
        EXPECT_NE(run.out.find("views"), std::string::npos) << path;
        EXPECT_EQ(run.err, "") << path;
    }
    const ProgramRun alone = run_lactscope("info " + folder.file("images.bin", "x").string());
    EXPECT_EQ(alone.exit_code, 1);
    EXPECT_NE(alone.err.find("is not a scene"), std::string::npos) << alone.err;
}

TEST(Cli, WrongUsageIsTwo) {
    for (const std::string& arguments :
         std::initializer_list<std::string>{"nothing",
                                            "--window 0x5",
                                            "--window-size 0x5",
                                            "record -o x.mp4 --size 0x5",
                                            "eval",
                                            "eval --scene x --size 0",
                                            "eval --scene x --precision fp8",
                                            "eval --scene x --rule no",
                                            "eval --scene x --inputs 2 --input-indices 1,2",
                                            "eval --scene x --inputs 0",
                                            "render --scene x",
                                            "render --scene x -o y --path spiral",
                                            "render --scene x -o y --frames 0",
                                            "convert one",
                                            "convert a b.pt --dtype int8",
                                            "info",
                                            "--device cpu info " + general_weights,
                                            "--script " + general_weights + " demo",
                                            yellow_car + " info " + general_weights,
                                            "sequence -o /tmp/x",
                                            "sequence --image x.png",
                                            "sequence --variant 1",
                                            "inspect",
                                            "inspect --what rubbish -o x",
                                            "inspect --what state",
                                            "inspect --check --what state -o x",
                                            "inspect --check --rule no",
                                            "inspect --check --layer 3",
                                            "inspect --check --view 5",
                                            "bench train --precision fp64",
                                            "bench sequence --precision fp64",
                                            "heldout \x1b[31m",
                                            "inspect --what attention -o x --side middle",
                                            "inspect --what attention -o x --factor middle",
                                            "inspect --what attention -o x --shares middle",
                                            "inspect --what weights -o x --shares output",
                                            "inspect --what attention -o x --pixel 3"}) {
        const ProgramRun run = run_lactscope(arguments);
        EXPECT_EQ(run.exit_code, 2) << arguments << "\n" << run.err;
        EXPECT_FALSE(run.err.empty()) << arguments;
        EXPECT_EQ(run.err.find('\x1b'), std::string::npos) << "a control character of an argument";
        EXPECT_EQ(run.out, "") << arguments;
    }
}

TEST(Cli, AJobThatFailsIsOneAndSaysWhatAndWhere) {
    const TemporaryFolder folder;
    const auto rubbish = folder.file("rubbish.safetensors", "this is not a weight file");
    const std::pair<std::string, std::string> cases[] = {
        {"eval --scene " + folder.path().string(), "opencv_cameras.json"},
        {"eval --scene /nowhere", "/nowhere"},
        {"eval --scene " + yellow_car + " --weights /nowhere.pt", "/nowhere.pt"},
        {"eval --scene " + yellow_car + " --weights " + rubbish.string(), "rubbish.safetensors"},
        {"eval --scene " + yellow_car + " --size 60", "patch"},
        {"--overwrite " + yellow_car, "has no effect"},
        {"--display null --screenshot " + (folder.path() / "x.png").string(), "needs graphics"},
        {"render --fps 60 --scene " + yellow_car + " -o " + (folder.path() / "x.gif").string(), "GIF"},
        {"record --script " + folder.file("none.json", "{}").string() + " -o " +
             (folder.path() / "x.mp4").string(),
         "is no list of steps"},
        {"eval --scene " + yellow_car + " --input-indices 0,99", "99"},
        {"eval --scene " + yellow_car + " --input-indices 0,0", "twice"},
        {"eval --scene " + yellow_car + " --inputs 32", "all are inputs"},
        {"eval --scene " + yellow_car + " --device cuda:77", "cuda"},
        {"eval --scene " + yellow_car + " --device tpu", "tpu"},
        {"eval --scene " + yellow_car + " --rule momentum=on", "momentum"},
        {"eval --scene " + yellow_car + " --input-indices 0,8 --targets 0,1", "0 is an input view"},
        {"eval --scene " + yellow_car + " --precision fp64 --ns-precision bf16", "no effect"},
        {"heldout --scenes 2 --rule momentum=on", "momentum"},
        {"render --scene " + yellow_car + " --frames 2 -o /proc/nowhere/x.mp4", "/proc/nowhere"},
        {"render --scene " + yellow_car + " --frames 2 -o " + folder.path().string() + "/x.avi", "avi"},
        {"convert " + general_weights + " " + folder.path().string() + "/x.onnx", "onnx"},
        {"inspect --what state --layer 6 -o " + folder.path().string() + "/x", "layers 0 to 5"},
        {"inspect --what state --head 4 -o " + folder.path().string() + "/x", "heads 0 to 1"},
        {"inspect --what attention --pixel 128,0 -o " + folder.path().string() + "/x", "128,0"},
        {"inspect --what attention --view 32 -o " + folder.path().string() + "/x", "view 32"},
        {"inspect --what causal --inputs 1 -o " + folder.path().string() + "/x", "left out"},
        {"inspect --what rates -o /proc/nowhere/x", "/proc/nowhere"},
        {"record --labels -o " + folder.path().string() + "/x.mp4", "--what view"},
        {"record --overwrite -o " + folder.path().string() + "/x.mp4", "--allow-writes"},
        {"info " + rubbish.string(), "rubbish"}};
    for (const auto& [arguments, word] : cases) {
        const ProgramRun run = run_lactscope(arguments);
        EXPECT_EQ(run.exit_code, 1) << arguments << "\n" << run.err;
        EXPECT_NE(run.err.find("error: "), std::string::npos) << arguments;
        EXPECT_NE(run.err.find(word), std::string::npos) << arguments << "\n" << run.err;
        EXPECT_EQ(run.out, "") << arguments;
    }
    EXPECT_EQ(folder.names(), (std::set<std::string>{"none.json", "rubbish.safetensors"}));
}

json eval(const std::string& options) {
    const ProgramRun run = run_lactscope("eval --json --scene " + options);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out);  // fails if anything else went to stdout
}

TEST(Cli, EvalBeatsTheNearestPhotoAndMoreViewsHelp) {
    const json eight = eval(yellow_car + " --device cpu");
    const json two = eval(yellow_car + " --device cpu --inputs 2");
    EXPECT_GE(eight.at("psnr").at("mean").get<double>(),
              eight.at("psnr").at("nearest_view").get<double>() + 2);
    EXPECT_GT(eight.at("psnr").at("mean").get<double>(), two.at("psnr").at("mean").get<double>());
    EXPECT_LT(eight.at("psnr").at("foreground").get<double>(), eight.at("psnr").at("mean").get<double>());
    EXPECT_EQ(eight.at("inputs").size(), 8U);
    EXPECT_EQ(eight.at("inputs")[0], 0);
    EXPECT_EQ(eight.at("views").size(), 24U);
    EXPECT_EQ(eight.at("rule"), "baseline");
    EXPECT_EQ(eight.at("precision"), "fp32");
    EXPECT_EQ(eight.at("ns_precision"), "bf16");
    EXPECT_EQ(eight.at("weights").at("trained_rule"), "baseline");
    EXPECT_EQ(eight.at("weights").at("sha256").get<std::string>().size(), 64U);
    EXPECT_GT(eight.at("setup_ms").get<double>(), 0);
    for (const char* key : {"index", "psnr", "ssim", "ms"}) {
        EXPECT_TRUE(eight.at("views")[0].contains(key)) << key;
    }
    double sum = 0;
    for (const json& view : eight.at("views")) {
        sum += view.at("psnr").get<double>();
    }
    EXPECT_NEAR(sum / 24, eight.at("psnr").at("mean").get<double>(), 1e-9);
}

TEST(Cli, EvalOnARealObject) {
    const char* scenes = std::getenv("LACT_SCENES_DIR");
    if (scenes == nullptr || !std::filesystem::exists(std::string(scenes) + "/gso_toy")) {
        GTEST_SKIP() << "LACT_SCENES_DIR has no gso_toy";
    }
    const json eight = eval(std::string(scenes) + "/gso_toy --size 64 --weights " + general_weights);
    const json two = eval(std::string(scenes) + "/gso_toy --size 64 --inputs 2 --weights " + general_weights);
    EXPECT_GE(eight.at("psnr").at("mean").get<double>(),
              eight.at("psnr").at("nearest_view").get<double>() + 2);
    EXPECT_GT(eight.at("psnr").at("mean").get<double>(), two.at("psnr").at("mean").get<double>());
}

TEST(Cli, ChosenViewsRuleAndPrecisionAreUsed) {
    const json result = eval(yellow_car +
                             " --input-indices 3,1,9 --targets 5,2 --rule mse,steps=2 --ns-precision fp32 "
                             "--precision bf16 --size 32x64");
    EXPECT_EQ(result.at("inputs"), json({3, 1, 9}));
    EXPECT_EQ(result.at("views")[0].at("index"), 5);
    EXPECT_EQ(result.at("views")[1].at("index"), 2);
    EXPECT_EQ(result.at("size"), json({32, 64}));
    EXPECT_EQ(result.at("ns_precision"), "fp32");
    EXPECT_EQ(result.at("precision"), "bf16");
    EXPECT_EQ(result.at("rule"), "baseline,loss=mse,steps=2,ns=fp32");
    EXPECT_TRUE(result.at("rule_switched_at_inference").get<bool>());
    // In fp64 all is fp64, Newton-Schulz included.
    EXPECT_EQ(
        eval(yellow_car + " --input-indices 0,9 --targets 5 --precision fp64 --size 32").at("ns_precision"),
        "fp64");
    EXPECT_EQ(result.at("remarks").size(), 1U);  // the size and the number of views, in one sentence
}

TEST(Cli, InfoTellsWeightsFromScenes) {
    const json weights = json::parse(run_lactscope("info --json " + general_weights).out);
    EXPECT_EQ(weights.at("kind"), "weights");
    EXPECT_EQ(weights.at("format"), "safetensors");
    EXPECT_EQ(weights.at("config").at("layers"), 6);
    EXPECT_EQ(weights.at("config").at("ttt_heads"), 2);
    EXPECT_EQ(weights.at("metadata").at("name"), "general");
    const json described = json::parse(run_lactscope("info --json " + yellow_car).out);
    EXPECT_EQ(described.at("kind"), "scene");
    EXPECT_EQ(described.at("format"), "lact-json");
    EXPECT_EQ(described.at("views"), 32);
    EXPECT_EQ(described.at("normalization"), "none");
}

TEST(Cli, ConvertedWeightsRenderTheSameImages) {
    const TemporaryFolder folder;
    const std::string pt = (folder.path() / "x.pt").string();
    const std::string back = (folder.path() / "y.safetensors").string();
    ASSERT_EQ(run_lactscope("convert " + general_weights + " " + pt + " --dtype fp32").exit_code, 0);
    ASSERT_EQ(run_lactscope("convert " + pt + " " + back + " --dtype keep").exit_code, 0);
    const json info = json::parse(run_lactscope("info --json " + pt).out);
    EXPECT_EQ(info.at("format"), "pt");
    EXPECT_EQ(info.at("dtype"), "fp32");
    const json original =
        eval(yellow_car + " --input-indices 0,9,20 --targets 5 --weights " + general_weights);
    for (const std::string& file : {pt, back}) {
        const json other =
            eval(yellow_car + " --input-indices 0,9,20 --targets 5 --size 64 --weights " + file);
        EXPECT_EQ(other.at("psnr"), original.at("psnr")) << file;
        EXPECT_TRUE(other.at("psnr").at("mean").is_number());
    }
}

TEST(Cli, RenderWritesExactlyTheFramesAskedFor) {
    const TemporaryFolder folder;
    const std::string png = (folder.path() / "frames").string();
    const std::string mp4 = (folder.path() / "video.mp4").string();
    for (const char* path : {"orbit", "release", "inputs"}) {
        std::filesystem::remove_all(png);  // Numbered images need a new or empty folder.
        ASSERT_EQ(run_lactscope("render --scene " + yellow_car + " --size 64 --frames 3 --path " + path +
                                " -o " + png)
                      .exit_code,
                  0);
        EXPECT_EQ(TemporaryFolder::names_in(png),
                  (std::set<std::string>{"00000.png", "00001.png", "00002.png"}));
    }
    ASSERT_EQ(
        run_lactscope("render --scene " + yellow_car + " --size 64 --frames 3 --scale 2 -o " + mp4).exit_code,
        0);
    EXPECT_EQ(folder.names(), (std::set<std::string>{"video.mp4", "frames"}));
    const auto frame = load_image(png + "/00000.png");
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->width, 64);
    // `inputs` begins at the first input camera: the image resembles that photo more than a white page.
    const auto photo = load_image(yellow_car + "/images/000.png");
    ASSERT_TRUE(photo.has_value());
    ImageF small{64, 64, {}};
    ImageF white{64, 64, std::vector<float>(64 * 64 * 3, 1.0F)};
    for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 64; ++x) {
            const auto at =
                (static_cast<std::size_t>(y * 4 + 2) * 256 + static_cast<std::size_t>(x * 4 + 2)) *
                static_cast<std::size_t>(photo->channels);
            for (std::size_t c = 0; c < 3; ++c) {
                small.rgb.push_back(static_cast<float>(photo->pixels[at + c]) / 255.0F);
            }
        }
    }
    EXPECT_GT(psnr(to_image_f(*frame), small), psnr(white, small) + 3);
}

TEST(Cli, AnInterruptedVideoLeavesNothing) {
    const TemporaryFolder folder;
    const std::string mp4 = (folder.path() / "video.mp4").string();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const int null = ::open("/dev/null", O_WRONLY);
        ::dup2(null, STDERR_FILENO);
        ::execl(LACT_PROGRAM, "lactscope", "render", "--scene", yellow_car.c_str(), "--frames", "100000",
                "-o", mp4.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    // Wait until it writes; then Ctrl-C.
    for (int i = 0; i < 1200 && folder.names().empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(folder.temporaries_of("video.mp4").size(), 1U);
    EXPECT_EQ(folder.names().size(), 1U);
    ::kill(child, SIGINT);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 1);
    EXPECT_TRUE(folder.names().empty());
}

TEST(Cli, TheDemoMakesAVideoAndImages) {
    const TemporaryFolder folder;
    const ProgramRun run = run_lactscope("demo bouquet -o " + folder.path().string());
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(folder.names(), (std::set<std::string>{"orbit.mp4", "views.png"}));
    EXPECT_NE(run.err.find((folder.path() / "orbit.mp4").string()), std::string::npos);
    EXPECT_EQ(run.out, "");
}

TEST(Cli, WithoutADisplayTheDemoIsRenderedInstead) {
    const TemporaryFolder folder;
    const ProgramRun run =
        run_lactscope("", "cd " + folder.path().string() +
                              " && env -u DISPLAY -u WAYLAND_DISPLAY HOME=" + folder.path().string());
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "out/demo"),
              (std::set<std::string>{"orbit.mp4", "views.png"}));
    EXPECT_NE(run.err.find("demo"), std::string::npos) << run.err;
}

TEST(Cli, WithoutADisplayAGivenSceneIsNotReplacedByTheDemo) {
    const TemporaryFolder folder;
    const ProgramRun run =
        run_lactscope(yellow_car, "cd " + folder.path().string() +
                                      " && env -u DISPLAY -u WAYLAND_DISPLAY HOME=" + folder.path().string());
    EXPECT_EQ(run.exit_code, 1) << run.err;
    EXPECT_NE(run.err.find("lactscope demo SCENE"), std::string::npos) << run.err;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

TEST(Cli, AScreenshotHasTheSizeAskedFor) {
    if (const auto display = gfx::make_offscreen({}); !display) {
        LACT_NO_VULKAN(display.error());
    }
    const TemporaryFolder folder;
    const std::string png = (folder.path() / "window.png").string();
    const ProgramRun run = run_lactscope("--screenshot " + png + " --window 800x600 " + yellow_car);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto image = load_image(png);
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(image->width, 800);
    EXPECT_EQ(image->height, 600);
}

}  // namespace

}  // namespace lact::app
