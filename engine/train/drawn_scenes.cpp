#include "engine/train/drawn_scenes.h"

#include <exception>
#include <utility>

namespace lact {

DrawnScenes::DrawnScenes(DrawScene draw, int views, std::size_t capacity)
    : draw_(std::move(draw)), views_(views), capacity_(capacity) {}

std::shared_ptr<const GeneratedViews> DrawnScenes::get(const WorldFamily& family, std::uint64_t seed,
                                                       int size) {
    const Key key{&family, seed, size};
    std::promise<Scene> promise;
    std::shared_future<Scene> scene;
    bool ours = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(key);
        if (found != entries_.end()) {
            order_.splice(order_.begin(), order_, found->second.used);
            scene = found->second.scene;
        } else {
            ours = true;
            ++drawn_;
            scene = promise.get_future().share();
            order_.push_front(key);
            entries_.emplace(key, Entry{scene, order_.begin()});
            if (entries_.size() > capacity_) {
                entries_.erase(order_.back());
                order_.pop_back();
            }
        }
    }
    if (ours) {
        try {
            promise.set_value(std::make_shared<const GeneratedViews>(draw_(family, seed, views_, size)));
        } catch (...) {
            promise.set_exception(std::current_exception());
        }
    }
    return scene.get();
}

long long DrawnScenes::drawn() const {
    const std::lock_guard lock(mutex_);
    return drawn_;
}

}  // namespace lact
