// File menu: open, save, leave.
#include "app/program/output_files.h"
#include "app/program/window_program.h"
#include "engine/core/files.h"

#include <fmt/format.h>

namespace lact::app {

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
                      encode_png(to_image8(published_.frame->image), picture_provenance()));
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
