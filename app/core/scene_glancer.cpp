#include "app/core/scene_glancer.h"

#include "app/core/open_dispatch.h"

#include <utility>

namespace lact::app {

struct SceneGlancer::Shared {
    std::mutex mutex;
    std::function<void()> wake;  ///< Empty once nobody waits.
    std::string path;            ///< What is wanted now.
    std::optional<Result<SceneGlance>> answer;
};

SceneGlancer::SceneGlancer(std::function<void()> wake) : shared_(std::make_shared<Shared>()) {
    shared_->wake = std::move(wake);
}

SceneGlancer::~SceneGlancer() {
    const std::scoped_lock lock(shared_->mutex);
    shared_->wake = nullptr;
    shared_->path.clear();
}

std::optional<Result<SceneGlance>> SceneGlancer::at(const std::string& path, const ModelConfig& config,
                                                    Size size) {
    const std::scoped_lock lock(shared_->mutex);
    if (path == asked_ && size == size_) {
        return shared_->answer;
    }
    asked_ = path;
    size_ = size;
    shared_->path = path;
    shared_->answer.reset();
    std::thread([shared = shared_, path, config, size] {
        if (dispatch_path(path).kind != OpenKind::scene) {
            return;
        }
        SceneRequest request;
        request.path = path;
        auto answer = glance_at_scene(request, config, size, {available_cpu_bytes(), true});
        const std::scoped_lock guard(shared->mutex);
        if (shared->path == path) {
            shared->answer = std::move(answer);
            if (shared->wake) {
                shared->wake();
            }
        }
    }).detach();
    return std::nullopt;
}

}  // namespace lact::app
