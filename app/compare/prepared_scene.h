#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/normalize.h"
#include "engine/session/load_scene.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact::app {

/// A thing to open. Asking twice for one path opens it twice (it may have changed on the disk): `sequence`
/// tells them apart.
template <class Value>
struct Opening {
    Value value;
    std::uint64_t sequence = 0;
};

/// One view of the open scene.
struct ViewSummary {
    std::size_t index = 0;
    std::string name;                         ///< File name of the photo.
    Camera camera;                            ///< At the model's size.
    bool is_input = false;                    ///< Else it is held out.
    bool test = false;                        ///< The scene's files keep it for testing.
    std::shared_ptr<const ImageF> image;      ///< The photo as the model reads it, at the model's size.
    std::shared_ptr<const Image8> thumbnail;  ///< RGB, at most 128 pixels wide and high.
};

/// A scene with every photo decoded once at one model size: whichever views are ticked as inputs, nothing is
/// read from the disk again.
struct PreparedScene {
    std::uint64_t opening = 0;  ///< Which opening it came from (Opening::sequence).
    SceneRequest request;
    NormalizationChoice normalization;
    std::optional<double> train_radius;  ///< Of the weights it was normalised for.
    std::string name;
    std::string format;
    Size size;
    std::shared_ptr<const std::vector<PreparedView>> views;  ///< All, by index.
    std::vector<ViewSummary> summaries;  ///< Of all views; share their pictures; none marked as input.
    std::vector<std::size_t> inputs;     ///< What the request chose.
    std::vector<std::string> warnings;   ///< Of the scene's files.

    /// The chosen views, in that order.
    [[nodiscard]] std::vector<PreparedView> chosen(std::span<const std::size_t> indices) const;
};

/// At `size`, for these weights. Errors: those of load_scene.
[[nodiscard]] Result<std::shared_ptr<const PreparedScene>> prepare_scene(const Opening<SceneRequest>& opening,
                                                                         Size size, const ModelConfig& config,
                                                                         const WeightsInfo& info,
                                                                         const Job& job);

/// Error: no view, a view twice, or one that the scene does not have.
[[nodiscard]] Result<void> check_inputs(const PreparedScene& scene, std::span<const std::size_t> inputs);

/// A picture of at most 128 pixels in width and height.
[[nodiscard]] Image8 make_thumbnail(const ImageF& image);

}  // namespace lact::app
