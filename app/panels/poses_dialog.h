#pragma once

#include "app/core/find_poses.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <cstddef>
#include <filesystem>
#include <optional>

namespace lact::app {

/// Asked where a folder of photos was opened that does not say where they were taken from: says what can be
/// done, how, and does it by the action `scene.find_poses`.
class PosesDialog {
  public:
    explicit PosesDialog(PanelServices services) : services_(services) {}

    /// Asks about a folder; about the newest where one was asked about already.
    void offer(const std::filesystem::path& folder, std::size_t photos) { offered_ = {folder, photos}; }
    /// The folder that is asked about; none: the dialog is closed.
    [[nodiscard]] std::optional<std::filesystem::path> folder() const;
    void draw(window::PanelContext& context);

  private:
    struct Offered {
        std::filesystem::path folder;
        std::size_t photos = 0;
    };
    void draw_words(const window::PanelContext& context) const;
    void draw_choices(const window::PanelContext& context);
    void draw_buttons(const window::PanelContext& context);
    void find();
    void close();

    PanelServices services_;
    std::optional<Offered> offered_;
    PhotoMatching matching_ = PhotoMatching::automatic;
    bool one_camera_ = true;
};

}  // namespace lact::app
