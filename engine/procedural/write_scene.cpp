#include "engine/procedural/write_scene.h"

#include "engine/core/output_path.h"
#include "engine/core/parallel.h"
#include "engine/core/text_file.h"
#include "engine/procedural/generated_views.h"
#include "engine/scene/camera_fields.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <Eigen/LU>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

namespace fs = std::filesystem;

std::string image_name(int index) {
    return fmt::format("images/{:03}.png", index);
}

nlohmann::json camera_json(const Camera& camera, int index) {
    return {{"w", camera.width},
            {"h", camera.height},
            {"fx", camera.fx},
            {"fy", camera.fy},
            {"cx", camera.cx},
            {"cy", camera.cy},
            {"w2c", pose_rows(camera.c2w.inverse())},
            {"file_path", image_name(index)}};
}

/// The temporary folder of a scene. Error: something is at the target already.
Result<OutputFolder> begin_scene(const fs::path& target) {
    std::error_code problem;
    if (fs::exists(fs::symlink_status(target, problem))) {
        return fail(target.string(), "exists already", "Remove it or choose another folder.");
    }
    if (target.has_parent_path() && !fs::exists(target.parent_path(), problem)) {
        fs::create_directories(target.parent_path(), problem);
    }
    LACT_TRY(OutputFolder folder, OutputFolder::beside(target));
    if (!fs::create_directory(folder.path() / "images", problem)) {
        return fail(target.string(), "cannot be created: " + problem.message(), "Choose a writable folder.");
    }
    return folder;
}

}  // namespace

Image8 image_of(const GeneratedViews& views, int index, bool with_alpha) {
    const auto size = static_cast<std::size_t>(views.size);
    const std::size_t pixels = size * size;
    const std::size_t first = static_cast<std::size_t>(index) * pixels;
    const bool alpha = with_alpha && !views.mask.empty();
    Image8 image{views.size, views.size, alpha ? 4 : 3, {}};
    image.pixels.reserve(pixels * (alpha ? 4 : 3));
    for (std::size_t i = first; i < first + pixels; ++i) {
        const int a = alpha ? views.mask[i] : 255;
        for (std::size_t c = 0; c < 3; ++c) {
            // Composed over white: v = a / 255 * colour + 255 - a.
            const int over_white = views.rgb[3 * i + c] - (255 - a);
            const int color = a == 0 ? 255 : (2 * 255 * over_white + a) / (2 * a);
            image.pixels.push_back(static_cast<std::uint8_t>(std::clamp(color, 0, 255)));
        }
        if (alpha) {
            image.pixels.push_back(static_cast<std::uint8_t>(a));
        }
    }
    return image;
}

Result<GeneratedViews> generate_in_parallel(const GenerationSpec& spec, const Job& job) {
    const ViewGenerator generator(*spec.family, spec.seed, spec.size);
    const std::size_t pixels = static_cast<std::size_t>(spec.size) * static_cast<std::size_t>(spec.size);
    const auto count = static_cast<std::size_t>(spec.views);
    const bool masked = spec.family->kind == WorldKind::object;
    GeneratedViews out;
    out.size = spec.size;
    out.rgb.resize(count * pixels * 3);
    out.mask.resize(masked ? count * pixels : 0);
    for (int i = 0; i < spec.views; ++i) {
        out.cameras.push_back(generator.camera(i));
    }
    parallel_for(count, [&](std::size_t i) {
        if (!job.stopped()) {
            generator.draw(
                static_cast<int>(i), std::span(out.rgb).subspan(i * pixels * 3, pixels * 3),
                masked ? std::span(out.mask).subspan(i * pixels, pixels) : std::span<std::uint8_t>());
        }
    });
    if (job.stopped()) {
        return cancelled();
    }
    return out;
}

Result<void> write_scene_folder(const GeneratedViews& views, const GenerationSpec& spec,
                                const fs::path& folder, const Job& job) {
    LACT_TRY(OutputFolder partial, begin_scene(folder));
    std::mutex mutex;
    std::optional<Error> first_error;
    parallel_for(views.cameras.size(), [&](std::size_t i) {
        if (job.stopped()) {
            return;
        }
        const auto write = [&]() -> Result<void> {
            const int index = static_cast<int>(i);
            LACT_TRY(const std::string png, encode_png(image_of(views, index, true)));
            return write_new_file(partial.path() / image_name(index), png);
        };
        if (const Result<void> written = write(); !written) {
            const std::lock_guard lock(mutex);
            first_error = written.error();
        }
    });
    if (job.stopped()) {
        return cancelled();
    }
    if (first_error) {
        return tl::unexpected<Error>(*first_error);
    }
    nlohmann::json cameras = nlohmann::json::array();
    for (std::size_t i = 0; i < views.cameras.size(); ++i) {
        cameras.push_back(camera_json(views.cameras[i], static_cast<int>(i)));
    }
    LACT_CHECK(write_new_file(partial.path() / "opencv_cameras.json", dump_json(cameras, 1) + "\n"));
    const nlohmann::json origin = {{"generator_version", generator_version},
                                   {"family", spec.family->source},
                                   {"family_version", spec.family->version},
                                   {"family_fingerprint", spec.family->fingerprint},
                                   {"seed", spec.seed}};
    LACT_CHECK(write_new_file(partial.path() / "generated.json", dump_json(origin, 1) + "\n"));
    return partial.publish_as(folder);
}

Result<void> generate_scene_folder(const GenerationSpec& spec, const fs::path& folder, const Job& job) {
    LACT_TRY(const GeneratedViews views, generate_in_parallel(spec, job));
    return write_scene_folder(views, spec, folder, job);
}

}  // namespace lact
