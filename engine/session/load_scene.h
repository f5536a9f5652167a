#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/config.h"
#include "engine/procedural/ground_truth.h"
#include "engine/scene/normalize.h"
#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"
#include "engine/scene/view_set.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// What a user asks for when a scene is opened; what is left empty is chosen for them.
struct SceneRequest {
    std::filesystem::path path;
    Normalization normalization = Normalization::automatic;
    std::optional<Size> size;     ///< Default: the largest size the weights were trained on, else 256x256.
    std::size_t input_count = 8;  ///< Farthest-point sampling, if `inputs` is empty.
    /// Chosen input views, by their index among those whose photos can be decoded.
    std::vector<std::size_t> inputs;
    /// Inputs that the scene does not have, or that come twice, are left out with a remark; else they are
    /// errors. Where none is left the views are chosen as if `inputs` were empty.
    bool leave_out_inputs = false;
    /// Indices of the same kind. Default: every view that is not an input, without outlying ones.
    std::optional<std::vector<std::size_t>> targets;
};

/// Number of views up to the last one that a request names by its index: load_scene() decodes all of these.
[[nodiscard]] std::size_t named_views(const SceneRequest& request);

/// Indices of views: those that a scene has, each once, and the others.
struct NamedInputs {
    std::vector<std::size_t> there;
    std::vector<std::size_t> left_out;

    /// "2 input views are left out: 40, 41; the scene has views 0 to 31, and takes each once"; empty where
    /// none is. `views`: of the scene.
    [[nodiscard]] std::string sentence(std::size_t views) const;
};
[[nodiscard]] NamedInputs named_inputs(std::span<const std::size_t> inputs, std::size_t views);

/// A view set and what is chosen of it.
struct LoadedScene {
    std::shared_ptr<const ViewSet> set;
    std::vector<std::size_t> inputs;        ///< In the order they are written into the state; not empty.
    std::vector<std::size_t> targets;       ///< Views to render and to compare with.
    std::vector<SceneRemark> remarks;       ///< For the user: those of the files included.
    std::vector<SceneRemark> about_inputs;  ///< Those of them that are true of these inputs alone.

    [[nodiscard]] std::vector<PreparedView> input_views() const { return set->chosen(inputs); }
    [[nodiscard]] std::vector<PreparedView> target_views() const { return set->chosen(targets); }
};

/// Reads the files, chooses views and decodes these. Views that cannot be decoded, or whose mask hides
/// everything, are taken out of the files of the set and named in its remarks (view_policy.h); all indices,
/// those of the request, too, are those of the remaining views. Errors: those of read_scene() and
/// decode_views(); an index out of range (SceneRequest::leave_out_inputs); a size that the patch does not
/// divide; no view left to be an input; fewer than two views left.
[[nodiscard]] Result<LoadedScene> load_scene(const SceneRequest& request, const ModelConfig& config,
                                             const WeightsInfo& info, const Job& job = {});
/// The same with files that are read already.
[[nodiscard]] Result<LoadedScene> load_scene(SceneFiles files, const SceneRequest& request,
                                             const ModelConfig& config, const WeightsInfo& info,
                                             const Job& job = {});

/// Mean camera distance that scenes are normalised to for these weights: that of their training, 2.66 where
/// they do not say.
[[nodiscard]] double camera_radius(const WeightsInfo& info);

/// Error: no view, a view twice, or one that the scene does not have.
[[nodiscard]] Result<void> check_inputs(const ViewSet& set, std::span<const std::size_t> inputs);

/// The size that is chosen where none is asked for: the largest the weights were trained on, else 256x256.
[[nodiscard]] Size default_size(const WeightsInfo& info);

/// "64", "64x48" (width x height). Errors: not a size, zero, larger than 8192.
[[nodiscard]] Result<Size> parse_size(std::string_view text);

/// One sentence where a scene or size is outside of what the weights were trained on; empty where it
/// is inside or the weights do not say. `foreground`: mean share of non-white pixels of the inputs; `origin`:
/// what generated the scene, where that is known.
[[nodiscard]] std::string outside_training(const WeightsInfo& info, Size size, std::size_t input_views,
                                           float foreground,
                                           const std::optional<GenerationSpec>& origin = {});

}  // namespace lact
