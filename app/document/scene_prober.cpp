#include "app/document/scene_prober.h"

#include "app/document/open_target.h"
#include "engine/core/counted.h"
#include "engine/core/guarded.h"

#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// Empty where nothing is known before it is opened.
std::optional<PathProbe> probe_path(const std::string& path, const ProbedFor& weights) {
    const OpenTarget target = dispatch_path(path);
    if (target.kind == OpenKind::photos) {
        return PathProbe{
            counted(target.photos, "photo") + " without poses: on opening, COLMAP can find the poses.",
            false};
    }
    if (target.kind == OpenKind::unknown && target.is_folder) {
        return PathProbe{"This folder " + target.why + ".", true};
    }
    if (target.kind != OpenKind::scene) {
        return std::nullopt;
    }
    SceneRequest request;
    request.path = path;
    const auto probe = probe_scene(request, weights.config, weights.size,
                                   {available_cpu_bytes(), weights.on_cpu, value_bytes(weights.precision)});
    if (!probe) {
        return PathProbe{probe.error().what, true};
    }
    return probe->fits() ? PathProbe{probe->sentence() + ".", false}
                         : PathProbe{probe->sentence() + ": too much. " + probe->offer.sentence(), true};
}

}  // namespace

struct SceneProber::Shared {
    std::mutex mutex;
    std::function<void()> wake;  ///< Empty once the prober is destroyed.
    std::uint64_t newest = 0;    ///< Number of the newest request: a slower one before it is not answered.
    std::optional<PathProbe> answer;
};

SceneProber::SceneProber(std::function<void()> wake) : shared_(std::make_shared<Shared>()) {
    shared_->wake = std::move(wake);
}

SceneProber::~SceneProber() {
    const std::scoped_lock lock(shared_->mutex);
    shared_->wake = nullptr;
}

std::optional<PathProbe> SceneProber::at(const std::string& path, const ProbedFor& weights) {
    const std::scoped_lock lock(shared_->mutex);
    if (path == path_ && weights == weights_) {
        return shared_->answer;
    }
    path_ = path;
    weights_ = weights;
    shared_->answer.reset();
    std::thread([shared = shared_, number = ++shared_->newest, path, weights] {
        auto answer = guarded(path, [&] {
                          return Result<std::optional<PathProbe>>(probe_path(path, weights));
                      }).value_or(std::nullopt);
        const std::scoped_lock guard(shared->mutex);
        if (answer && shared->newest == number) {
            shared->answer = std::move(answer);
            if (shared->wake) {
                shared->wake();
            }
        }
    }).detach();
    return std::nullopt;
}

}  // namespace lact::app
