// `lactscope inspect --what …`: opens, looks, and writes pictures, tensors and figures.
#include "app/cli/inspect_options.h"
#include "app/cli/inspect_sheets.h"
#include "engine/core/files.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

const PreparedView* find_view(const LoadedScene& scene, std::size_t index) {
    for (const auto* views : {&scene.inputs, &scene.targets}) {
        for (const PreparedView& view : *views) {
            if (view.index == index) {
                return &view;
            }
        }
    }
    return nullptr;
}

/// Patch of a pixel at the model's size; the middle one where a patch is needed and none is named.
Result<std::optional<std::array<int, 2>>> patch_of(const InspectOptions& options, const Camera& camera,
                                                   int patch) {
    if (options.pixel.empty()) {
        if (options.what != "attention") {
            return std::nullopt;
        }
        return std::array{camera.width / 2 / patch, camera.height / 2 / patch};
    }
    const int x = options.pixel[0];
    const int y = options.pixel[1];
    if (x < 0 || x >= camera.width || y < 0 || y >= camera.height) {
        return fail("--pixel", fmt::format("{},{} is outside of {}x{}", x, y, camera.width, camera.height),
                    "Pixels are those of the model's size (--size).");
    }
    return std::array{x / patch, y / patch};
}

Result<Look> look_of(const InspectOptions& options, const Opened& opened) {
    const LoadedScene& scene = opened.scene;
    const PreparedView* view = scene.targets.empty() ? &scene.inputs.front() : &scene.targets.front();
    if (options.view) {
        view = find_view(scene, *options.view);
        if (view == nullptr) {
            return fail("--view", fmt::format("view {} is not in the scene, which has {}", *options.view,
                                              scene.scene.views.size()));
        }
    }
    Look look;
    look.place = {options.layer.value_or(opened.model->config().layers - 1), options.head};
    LACT_TRY(look.side, parse_side(options.side));
    look.asking = to_image8(view->image);
    look.asking_view = view->index;
    look.query.camera = view->camera;
    LACT_TRY(look.query.patch, patch_of(options, view->camera, opened.model->config().patch));
    look.scene_title = fmt::format("{} - {} - {}", scene.scene.name, opened.model->path().stem().string(),
                                   describe_rule(opened.session));
    look.title = fmt::format("{} - layer {} head {}", look.scene_title, look.place.layer, look.place.head);
    return look;
}

Result<Findings> look_at(const std::string& what, Inspection& inspection, const Look& look, const Job& job) {
    if (what == "inputs") {
        return look_at_inputs(inspection, look, job);
    }
    if (what == "weights") {
        return look_at_weights(inspection, look, job);
    }
    if (what == "spectrum") {
        return look_at_spectrum(inspection, look, job);
    }
    if (what == "state") {
        return look_at_state(inspection, look, job);
    }
    if (what == "causal") {
        return look_at_causes(inspection, look, job);
    }
    if (what == "rates") {
        return look_at_rates(inspection, look, job);
    }
    return look_at_attention(inspection, look, job);  // attention: one patch; shares: the whole view
}

Result<void> write_pictures(const std::filesystem::path& folder, const Findings& findings,
                            const std::string& made_by, nlohmann::json& files) {
    for (const NamedPicture& one : findings.pictures) {
        LACT_TRY(const std::string png, encode_png(one.picture, {{"provenance", made_by}}));
        LACT_CHECK(write_file_atomically(folder / (one.name + ".png"), png));
        files.push_back(one.name + ".png");
    }
    return {};
}

}  // namespace

Result<void> run_inspection(const InspectOptions& options, const Job& job) {
    LACT_TRY(const Opened opened, open(options.model, options.scene, job));
    LACT_TRY(const Look look, look_of(options, opened));
    LACT_TRY(Inspection inspection, Inspection::of(opened.session, opened.scene.inputs));
    LACT_TRY(Findings findings, look_at(options.what, inspection, look, job));
    const std::filesystem::path folder = options.output;
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(),
                    "Choose another folder with -o.");
    }
    nlohmann::json made_by = provenance(opened);
    made_by["layer"] = look.place.layer;
    made_by["head"] = look.place.head;
    made_by["view"] = look.asking_view;
    made_by["what"] = options.what;
    if (look.query.patch) {
        made_by["patch"] = *look.query.patch;
    }
    nlohmann::json files = nlohmann::json::array();
    if (options.what == "shares") {
        findings.pictures.front().name = "shares";
    }
    LACT_CHECK(write_pictures(folder, findings, made_by.dump(), files));
    const std::string tensors = options.what + ".safetensors";
    LACT_CHECK(inspection.write_tensors(folder / tensors, look.place, look.query, look.side,
                                        {{"provenance", made_by.dump()}}, job));
    files.push_back(tensors);
    job.say(fmt::format("wrote {} files to {}", files.size(),
                        std::filesystem::weakly_canonical(folder, problem).string()));
    if (options.json) {
        made_by["files"] = std::move(files);
        made_by["figures"] = std::move(findings.figures);
        fmt::print("{}\n", made_by.dump(2));
    }
    return {};
}

}  // namespace lact::app
