#pragma once

#include "engine/core/error.h"
#include "engine/train/optimizer.h"
#include "engine/ttt/vittt_block.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

// Classes of generated objects from one image: a small classifier of ViTTT blocks, trained in minutes. It
// stands for ImageNet, which it is not.

/// Images with the class of their object.
struct LabelledImages {
    at::Tensor images;  ///< [n, 3, size, size] in [0, 1], objects before white.
    at::Tensor labels;  ///< [n] int64, index in labelled_classes().
};

/// The object classes of the family `vehicles`, in its order.
[[nodiscard]] const std::vector<std::string>& labelled_classes();

/// Images `first` … `first + count - 1` of an endless list in which classes follow one another. Each world
/// has one view. Image i has the seed `first_seed` + i. Draws on all cores.
[[nodiscard]] LabelledImages draw_labelled(std::uint64_t first_seed, int first, int count, int size);

struct ClassesOptions {
    VitttRule rule;  ///< Of every block.
    int size = 64;   ///< Of the images, a multiple of the patch.
    int patch = 8;
    int width = 64;
    int heads = 2;
    int blocks = 2;
    int batch = 64;
    double learning_rate = 5e-3;  ///< Falls linearly to 0 over `steps`.
    int steps = 600;
    std::uint64_t seed = 1;
};

/// Errors: sizes that do not fit each other.
[[nodiscard]] Result<void> check_classes(const ClassesOptions& options);

/// A classifier: patches, learned positions, blocks of ViTTT and an MLP, the mean over positions, an output
/// layer. Muon for the matrices of the blocks and AdamW for the rest, on the images in a seeded order, half
/// of them mirrored.
class ClassesTraining {
  public:
    /// The options must pass check_classes(); `images` of the size of the options, at least one.
    ClassesTraining(const ClassesOptions& options, LabelledImages images);

    /// One step; returns its cross-entropy in nats. At most `steps` calls.
    double step();
    [[nodiscard]] int steps_done() const { return steps_done_; }

    /// Logits [n, classes].
    [[nodiscard]] at::Tensor logits(const at::Tensor& images) const;
    /// Share of images whose class is the one with the largest logit.
    [[nodiscard]] double accuracy(const LabelledImages& images) const;

  private:
    struct Block {
        at::Tensor norm, mlp_norm, mlp_in, mlp_out;
        VitttBlock vittt;
    };
    at::Tensor keep(const std::string& name, const at::Tensor& value);

    ClassesOptions options_;
    LabelledImages images_;
    std::vector<Parameter> parameters_;
    at::Tensor embed_, positions_, output_norm_, output_, output_bias_;
    std::vector<Block> blocks_;
    std::unique_ptr<Optimizer> optimizer_;
    int steps_done_ = 0;
};

}  // namespace lact
