// File menu: open, save, leave.
#include "app/cli/assets.h"
#include "app/program/output_files.h"
#include "app/program/window_program.h"
#include "engine/core/files.h"

#include <chrono>

#include <fmt/format.h>

namespace lact::app {

Result<void> WindowProgram::open_generated(const nlohmann::json& with) {
    SceneOrder order;
    if (!with.contains("seed")) {
        // Any number that was not used a moment ago; far from the seeds of training and of measuring.
        order.seed = 100'000'000 + static_cast<std::uint64_t>(
                                       std::chrono::system_clock::now().time_since_epoch().count() / 1000) %
                                       900'000'000;
    } else if (with.at("seed").is_number_integer() && with.at("seed") >= 0) {
        order.seed = with.at("seed").get<std::uint64_t>();
    } else {
        return fail("scene.generate",
                    "the seed " + with.at("seed").dump() + " is not a whole number from 0 on");
    }
    LACT_TRY(const auto folder, generated_scenes_folder());
    engine_.open_generated(order, folder / fmt::format("object_{:08}", order.seed));
    return {};
}

Result<void> WindowProgram::add_file_actions() {
    const ActionArgument path{"path", "path of a scene folder, weight file or script", false};
    LACT_CHECK(actions_.add(
        {"file.open",
         "Open ...",
         "Ctrl+O",
         "Open a scene folder, a weight file or a script. Dropping it on the window does the same.",
         "File",
         {path},
         {},
         [this](const nlohmann::json& with) -> Result<void> {
             if (with.contains("path")) {
                 open_path(with.at("path").get<std::string>());
             } else {
                 open_.open();
             }
             return {};
         }}));
    LACT_CHECK(actions_.add({"scene.open_bundled",
                             "Open a bundled scene",
                             "",
                             "Open a generated scene that comes with the program.",
                             "File",
                             {{"name", "spinning_top, bouquet or parcel", true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(const auto folder,
                                          find_asset("scenes/" + with.at("name").get<std::string>()));
                                 engine_.open_scene(folder);
                                 return {};
                             }}));
    LACT_CHECK(actions_.add({"scene.generate",
                             "Generate another",
                             "Ctrl+G",
                             "Invent an object, draw it from 32 sides and open it. Its true picture is known "
                             "at every pose.",
                             "Scene",
                             {{"seed", "whole number; by default another one each time", false}},
                             {},
                             [this](const nlohmann::json& with) { return open_generated(with); }}));
    LACT_CHECK(actions_.add(
        {"file.save_view",
         "Save the picture",
         "Ctrl+S",
         "Save the model's picture, its own pixels without enlargement, as PNG in the current folder.",
         "File",
         {{"path", "PNG file to write", false}},
         [this] { return published_.frame ? std::string() : std::string("There is no picture yet."); },
         [this](const nlohmann::json& with) -> Result<void> {
             const auto file = output_path(with, "view", "png");
             LACT_TRY(const std::string png,
                      encode_png(to_image8(published_.frame->image), provenance(published_)));
             if (const auto written = write_file_atomically(file, png); !written) {
                 return written;
             }
             log_.say(Severity::note, "saved the picture", file.string());
             return {};
         }}));
    LACT_CHECK(actions_.add({"file.save_window",
                             "Save the window",
                             "Ctrl+Shift+S",
                             "Save the whole window as PNG in the current folder.",
                             "File",
                             {{"path", "PNG file to write", false}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 pictures_.push_back({output_path(with, "window", "png"), {}});
                                 return {};
                             }}));
    return actions_.add({"file.quit",
                         "Quit",
                         "Ctrl+Q",
                         "Close the window. Settings and layout are kept.",
                         "File",
                         {},
                         {},
                         [this](const nlohmann::json&) -> Result<void> {
                             shell_.close();
                             return {};
                         }});
}

}  // namespace lact::app
