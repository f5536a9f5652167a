#pragma once

#include "engine/procedural/generated_views.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

namespace lact {

/// Draws a generated world: generate_views(), or a simpler function in tests. Called from several threads.
using DrawScene =
    std::function<GeneratedViews(const WorldFamily& family, std::uint64_t seed, int views, int size)>;

/// Least-recently-used cache of drawn scenes, so that a scene that is used several times is drawn once.
/// Thread-safe: the first caller draws a scene, others wait for it.
class DrawnScenes {
  public:
    DrawnScenes(DrawScene draw, int views, std::size_t capacity);

    /// The scene with all its views. Exceptions of the drawing function reach every caller that waits for it.
    [[nodiscard]] std::shared_ptr<const GeneratedViews> get(const WorldFamily& family, std::uint64_t seed,
                                                            int size);

    /// Scenes drawn so far.
    [[nodiscard]] long long drawn() const;

  private:
    using Key = std::tuple<const WorldFamily*, std::uint64_t, int>;
    using Scene = std::shared_ptr<const GeneratedViews>;
    struct Entry {
        std::shared_future<Scene> scene;
        std::list<Key>::iterator used;
    };

    DrawScene draw_;
    int views_;
    std::size_t capacity_;
    mutable std::mutex mutex_;
    std::map<Key, Entry> entries_;
    std::list<Key> order_;  ///< Most recently used first.
    long long drawn_ = 0;
};

}  // namespace lact
