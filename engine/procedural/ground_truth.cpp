#include "engine/procedural/ground_truth.h"

#include "engine/core/text_file.h"
#include "engine/procedural/draw.h"

#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {

std::optional<GenerationSpec> origin_of(const std::filesystem::path& scene) {
    std::error_code missing;
    const auto folder = std::filesystem::is_directory(scene, missing) ? scene : scene.parent_path();
    const auto file = folder / "generated.json";
    if (!std::filesystem::is_regular_file(file, missing)) {
        return std::nullopt;
    }
    const auto json = parse_json_file(file).value_or(nlohmann::json());
    if (!json.is_object() || json.value("generator_version", nlohmann::json()) != generator_version ||
        !json.contains("seed") || !json["seed"].is_number_unsigned() || !json.contains("family") ||
        !json["family"].is_string()) {
        return std::nullopt;
    }
    const auto family = find_family(json["family"].get_ref<const std::string&>());
    if (!family || json.value("family_version", nlohmann::json(1)) != (*family)->version) {
        return std::nullopt;
    }
    // A family of the user may have been edited since without another version.
    if (json.value("family_fingerprint", nlohmann::json((*family)->fingerprint)) != (*family)->fingerprint) {
        return std::nullopt;
    }
    GenerationSpec spec;
    spec.seed = json["seed"].get<std::uint64_t>();
    spec.family = *family;
    return spec;
}

Result<GroundTruth> GroundTruth::of(const GenerationSpec& spec) {
    if (spec.family->kind != WorldKind::object) {
        return fail("ground truth", "this world cannot be drawn from new cameras: its poses were normalised",
                    "Worlds of single objects can be drawn.");
    }
    return GroundTruth(ViewGenerator(*spec.family, spec.seed, spec.size).world());
}

Result<ImageF> GroundTruth::image(const Camera& camera) const {
    if (camera.width != camera.height || camera.width < 1) {
        return fail("ground truth", fmt::format("{}x{} is not a square image", camera.width, camera.height));
    }
    const auto size = static_cast<std::size_t>(camera.width);
    Image8 image{camera.width, camera.height, 3, std::vector<std::uint8_t>(size * size * 3)};
    draw_world(world_, camera, camera.width, image.pixels, {});
    return to_image_f(image);
}

}  // namespace lact
