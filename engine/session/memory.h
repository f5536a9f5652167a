#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"
#include "engine/session/layer_form.h"
#include "engine/session/model.h"
#include "engine/ttt/update_rule.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lact {

/// Bytes of one value of a pass: 8 in fp64, otherwise 4, also in bf16, whose residual stream is fp32.
[[nodiscard]] std::size_t value_bytes(Precision precision);

/// How a set-up computes, as far as its memory depends on it. By default: the TTT step in every layer.
struct SetUpWork {
    std::size_t value_bytes = sizeof(float);
    bool all_tokens = false;  ///< A layer takes all input tokens at once, not a tile of them.
    int form_steps = 0;       ///< Inner steps of which a layer keeps the linear-attention form.
};
/// Of a set-up with these forms: all but the TTT step have an update that takes all tokens at once (set_up()
/// in two_stage.h).
[[nodiscard]] SetUpWork set_up_work(const LayerForms& forms, const UpdateRule& rule, Precision precision);

/// Bytes that a set-up of so many input views of one size needs at its peak beside the weights: an upper
/// estimate from the shapes of the network's largest intermediate tensors (checked against measured peaks in
/// the tests).
[[nodiscard]] std::size_t set_up_bytes(const ModelConfig& config, std::size_t views, Size size,
                                       const SetUpWork& work = {});

/// Bytes that what is shown of one layer needs beside the weights and the state: the records of its input
/// tokens and their linear-attention form, of `bytes_of_value` each, and the work on `fp64_heads` of its
/// heads at once in fp64. An upper estimate as above.
[[nodiscard]] std::size_t layer_bytes(const ModelConfig& config, int inner_steps, int fp64_heads,
                                      std::size_t views, Size size,
                                      std::size_t bytes_of_value = sizeof(float));

/// Memory that can still be taken on the CPU: MemAvailable, or what a control group (of a container, say)
/// leaves where that is less; 0 where it is unknown.
[[nodiscard]] std::size_t available_cpu_bytes();

/// What opening a scene needs, from its files alone: before a photo is decoded or a weight is used.
/// Upper estimates in bytes.
struct MemoryNeed {
    std::size_t photos = 0;  ///< While photos are decoded and resampled, on all threads at once.
    std::size_t images = 0;  ///< All views at the model's size, kept while the scene is open.
    /// The input views as the network takes them, which are made in main memory wherever it computes.
    std::size_t posed = 0;
    std::size_t set_up = 0;  ///< set_up_bytes().
    std::size_t state = 0;   ///< Fast weights of all layers, the state before included.
    std::size_t frame = 0;   ///< Rendering one view.

    /// At the peak, beside the weights, where the model computes in main memory.
    [[nodiscard]] std::size_t total() const;
    /// In main memory where the model computes on a GPU: set-up, state and frame lie in its memory then.
    [[nodiscard]] std::size_t without_model() const;
};
/// Width and height of a view's photo: its file's own, as its header says, and what the scene says of it
/// where there is no such file. A file may be larger than the scene says.
[[nodiscard]] Size photo_size(const SceneView& view);

/// "1.3 GiB", "40 MiB".
[[nodiscard]] std::string memory_text(std::size_t bytes);
/// `inputs`: number of input views; `threads` decode photos (0: one a core); the network computes with values
/// of `bytes_of_value`. Every view of the scene is kept as an image, as the window does.
[[nodiscard]] MemoryNeed estimate_memory(const SceneFiles& scene, const ModelConfig& config,
                                         std::size_t inputs, Size size, unsigned threads = 0,
                                         std::size_t bytes_of_value = sizeof(float));

/// What would fit instead of a request that does not.
struct SmallerRequest {
    std::size_t views = 0;  ///< As many as fit at the requested size; 0: not even one.
    Size size;              ///< The largest of that aspect at which the requested views fit; 0x0: none.

    /// "Use 4 input views or fewer, or a size of at most 96x64."; empty where nothing fits.
    [[nodiscard]] std::string sentence() const;
};
/// Of opening a whole scene, with the model in main memory or in a GPU's (`model_in_main_memory`). Decoding
/// its photos needs what it needs: where that alone is too much, nothing is offered.
[[nodiscard]] SmallerRequest smaller_request(const SceneFiles& scene, const ModelConfig& config,
                                             std::size_t inputs, Size size, std::size_t available,
                                             bool model_in_main_memory = true,
                                             std::size_t bytes_of_value = sizeof(float));
[[nodiscard]] SmallerRequest smaller_request(const ModelConfig& config, std::size_t views, Size size,
                                             std::size_t available, const SetUpWork& work = {});

/// An error that names what is needed and what is there, with how many views or which size would fit; nothing
/// when it fits or when `available` is 0.
[[nodiscard]] Result<void> check_memory(const ModelConfig& config, std::size_t views, Size size,
                                        std::size_t available, const SetUpWork& work = {});

/// The same for layer_bytes().
[[nodiscard]] Result<void> check_layer_memory(const ModelConfig& config, int inner_steps, int fp64_heads,
                                              std::size_t views, Size size, std::size_t available,
                                              std::size_t bytes_of_value = sizeof(float));

/// What control groups leave of main memory to this process, beside what the machine has free: containers and
/// services have such limits. None where no limit is set. `groups`: the text of /proc/self/cgroup; `mounted`:
/// where control groups are mounted (/sys/fs/cgroup), of version 2 or, with a folder "memory", of version 1.
[[nodiscard]] std::optional<std::size_t> control_group_bytes(std::string_view groups,
                                                             const std::filesystem::path& mounted);

}  // namespace lact
