#pragma once

#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>

namespace lact::app {

/// The attention of every layer (rows) and head (columns) as small multiples: the input photos' patches of
/// each in signed colours. A click chooses layer and head.
class AttentionSheetView {
  public:
    /// `query`: the same as that of the single map.
    void draw(window::PanelContext& context, const PanelServices& services, const Query& query);

    /// What is shown, for tests and files; null before the engine has answered.
    [[nodiscard]] const AttentionSheet* sheet() const {
        return shown_ ? shown_->get<AttentionSheet>() : nullptr;
    }

  private:
    std::shared_ptr<const Answered> shown_;
};

}  // namespace lact::app
