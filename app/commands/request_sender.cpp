#include "app/commands/request_sender.h"

#include "app/runtime/engine_service.h"

#include <utility>

namespace lact::app {

void RequestSender::send_camera_and_matrix() {
    if (!snapshot().scene) {
        return;
    }
    const Size size = snapshot().scene->size;
    if (sent_moves_ != document().moves() || sent_size_ != size) {
        sent_moves_ = document().moves();
        sent_size_ = size;
        engine_->set_camera(document().viewpoint().camera(size));
    }
    if (snapshot().state && sent_matrix_ != document().matrix) {
        sent_matrix_ = document().matrix;
        engine_->request_matrix(document().matrix);
    }
}

void RequestSender::send_queries() {
    if (auto queries = document().queries.changed()) {
        engine_->ask(std::move(*queries));
    }
}

bool RequestSender::settled() const {
    return sent_moves_ == document().moves() && snapshot().version == engine_->latest()->version &&
           (!sent_matrix_ || *sent_matrix_ == document().matrix) && document().queries.settled();
}

}  // namespace lact::app
