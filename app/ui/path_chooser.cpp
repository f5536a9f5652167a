#include "app/ui/path_chooser.h"

#include <portable_file_dialogs.h>

namespace lact::app {

/// One of the two; each waits for its program when it ends.
struct PathChooser::Dialog {
    std::unique_ptr<pfd::open_file> file;
    std::unique_ptr<pfd::select_folder> folder;
};

PathChooser::PathChooser() = default;
PathChooser::~PathChooser() = default;

bool PathChooser::available() {
    static const bool there = pfd::settings::available();
    return there;
}

void PathChooser::choose_file(const std::string& title) {
    dialog_ = std::make_unique<Dialog>();
    dialog_->file = std::make_unique<pfd::open_file>(title);
}

void PathChooser::choose_folder(const std::string& title) {
    dialog_ = std::make_unique<Dialog>();
    dialog_->folder = std::make_unique<pfd::select_folder>(title);
}

bool PathChooser::open() const {
    return dialog_ != nullptr;
}

std::optional<std::string> PathChooser::take() {
    if (!dialog_) {
        return std::nullopt;
    }
    std::string chosen;
    if (dialog_->file) {
        if (!dialog_->file->ready(0)) {
            return std::nullopt;
        }
        const auto files = dialog_->file->result();
        chosen = files.empty() ? std::string() : files.front();
    } else {
        if (!dialog_->folder->ready(0)) {
            return std::nullopt;
        }
        chosen = dialog_->folder->result();
    }
    dialog_.reset();
    return chosen.empty() ? std::nullopt : std::optional(chosen);
}

}  // namespace lact::app
