#pragma once

#include "app/commands/controller.h"
#include "engine/scene/camera.h"
#include "engine/session/matrix.h"

#include <cstdint>
#include <optional>

namespace lact::app {

class EngineService;

/// Turns what the document shows into requests to the engine: the camera, the shown matrix, and the queries
/// of the panels. Sends only what has changed.
class RequestSender : private Controller {
  public:
    RequestSender(PanelServices services, EngineService& engine) : Controller(services), engine_(&engine) {}

    void send_camera_and_matrix();
    /// After the panels are drawn.
    void send_queries();
    /// The engine has all requests, and the snapshot is the newest one.
    [[nodiscard]] bool settled() const;

  private:
    EngineService* engine_;
    std::uint64_t sent_moves_ = 0;  ///< Document::moves() of the camera that was sent.
    /// Of the same camera. The engine fits a camera to a new size by that of before, and not by the lens of
    /// the viewpoint: of another shape it shows another part.
    Size sent_size_;
    std::optional<MatrixKey> sent_matrix_;
};

}  // namespace lact::app
