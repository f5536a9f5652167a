#pragma once

#include "app/program/view_state.h"
#include "app/window/canvas.h"

#include <memory>
#include <string>

namespace lact::app {

/// The model's picture from a camera of a panel's own: asked for while the panel is drawn.
class AskedPicture {
  public:
    /// `name`: that of the question.
    AskedPicture(PanelServices services, std::string name) : services_(services), name_(std::move(name)) {}

    /// The newest picture there is, perhaps that of a camera asked for a moment ago; null before any.
    [[nodiscard]] const window::Texture* from(window::Canvas& canvas, const Camera& camera);

  private:
    PanelServices services_;
    std::string name_;
    std::shared_ptr<const Answered> shown_;
    window::Texture texture_;
};

}  // namespace lact::app
