#include "app/document/preview_loader.h"

#include "engine/core/guarded.h"
#include "engine/scene/prepare.h"
#include "engine/scene/resample.h"
#include "engine/scene/scene_files.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

/// Larger files than this are not decoded for a thumbnail.
constexpr std::uintmax_t largest_image = 64'000'000;
constexpr std::size_t kept_previews = 1000;

bool has_image_extension(const fs::path& path) {
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension == ".png" || extension == ".jpg" || extension == ".jpeg" || extension == ".bmp" ||
           extension == ".tga";
}

std::shared_ptr<const Image8> shrunk(const Result<Image8>& image) {
    if (!image) {
        return nullptr;
    }
    const Image8 rgb = compose_over_white(*image);
    const double scale = std::min(1.0, static_cast<double>(thumbnail_side) / std::max(rgb.width, rgb.height));
    const auto side = [scale](int length) {
        return std::max(1, static_cast<int>(std::lround(length * scale)));
    };
    return std::make_shared<const Image8>(resize_lanczos(rgb, {side(rgb.width), side(rgb.height)}));
}

std::shared_ptr<const Image8> image_thumbnail(const fs::path& path) {
    std::error_code problem;
    const auto bytes = fs::file_size(path, problem);
    return problem || bytes > largest_image ? nullptr : shrunk(load_image(path));
}

/// Of the first image of a folder, or of its folder "images".
std::shared_ptr<const Image8> first_image(const fs::path& folder) {
    for (const fs::path& place : {folder, folder / "images"}) {
        std::optional<fs::path> first;
        std::error_code problem;
        for (fs::directory_iterator file(place, problem); !problem && file != fs::directory_iterator();
             file.increment(problem)) {
            if (has_image_extension(file->path()) && (!first || file->path() < *first)) {
                first = file->path();
            }
        }
        if (first) {
            return image_thumbnail(*first);
        }
    }
    return nullptr;
}

std::shared_ptr<const Image8> scene_thumbnail(const fs::path& path) {
    const auto scene = read_scene(path);
    return scene && !scene->views.empty() ? shrunk(load_photo(scene->views.front())) : nullptr;
}

}  // namespace

std::string kind_words(OpenKind kind) {
    switch (kind) {
        case OpenKind::scene:
            return "scene";
        case OpenKind::photos:
            return "photos without poses";
        case OpenKind::weights:
            return "weights";
        case OpenKind::script:
            return "script";
        case OpenKind::session:
            return "session";
        case OpenKind::camera_path:
            return "camera path";
        case OpenKind::training:
            return "training run";
        case OpenKind::unknown:
            break;
    }
    return {};
}

Preview load_preview(const fs::path& path) {
    Preview preview;
    std::error_code problem;
    const bool folder = fs::is_directory(path, problem);
    preview.folder = folder;
    preview.there = fs::exists(path, problem);
    if (!folder && !fs::is_regular_file(path, problem)) {
        return preview;
    }
    preview.kind = dispatch_path(path).kind;
    if (preview.kind == OpenKind::scene) {
        preview.thumbnail = scene_thumbnail(path);
    } else if (preview.kind == OpenKind::photos) {
        preview.thumbnail = first_image(path);
    } else if (!folder && has_image_extension(path)) {
        preview.thumbnail = image_thumbnail(path);
    }
    return preview;
}

struct PreviewLoader::Shared {
    struct Entry {
        fs::file_time_type modified{};
        std::shared_ptr<const Preview> preview;
    };
    std::mutex mutex;
    std::condition_variable changed;
    std::function<void()> wake;                                     ///< Empty once the loader is destroyed.
    std::deque<std::pair<fs::path, fs::file_time_type>> requested;  ///< The last one first.
    std::map<fs::path, Entry> known;
    bool ends = false;

    void run() {
        std::unique_lock lock(mutex);
        while (!ends) {
            if (requested.empty()) {
                changed.wait(lock);
                continue;
            }
            const auto [path, modified] = std::move(requested.front());
            requested.pop_front();
            lock.unlock();
            const auto loaded =
                guarded(path.string(), [&path = path] { return Result<Preview>(load_preview(path)); });
            auto preview = std::make_shared<const Preview>(loaded.value_or(Preview{}));
            lock.lock();
            known[path] = {modified, std::move(preview)};
            if (wake) {
                wake();
            }
        }
    }
};

PreviewLoader::PreviewLoader(std::function<void()> wake) : shared_(std::make_shared<Shared>()) {
    shared_->wake = std::move(wake);
    std::thread([shared = shared_] { shared->run(); }).detach();
}

PreviewLoader::~PreviewLoader() {
    const std::scoped_lock lock(shared_->mutex);
    shared_->wake = nullptr;
    shared_->requested.clear();
    shared_->ends = true;
    shared_->changed.notify_all();
}

std::shared_ptr<const Preview> PreviewLoader::of(const fs::path& path, fs::file_time_type modified) {
    const std::scoped_lock lock(shared_->mutex);
    if (shared_->known.size() > kept_previews) {
        shared_->known.clear();
    }
    const auto [found, added] = shared_->known.try_emplace(path);
    if (added || found->second.modified != modified) {
        found->second.modified = modified;
        std::erase_if(shared_->requested, [&](const auto& request) { return request.first == path; });
        shared_->requested.emplace_front(path, modified);
        shared_->changed.notify_all();
    }
    return found->second.preview;
}

}  // namespace lact::app
