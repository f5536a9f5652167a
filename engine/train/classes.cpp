#include "engine/train/classes.h"

#include "engine/core/parallel.h"
#include "engine/procedural/generated_views.h"
#include "engine/procedural/world_family.h"
#include "engine/train/keyed_random.h"
#include "engine/train/sample_order.h"

#include <cmath>
#include <cstring>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr double classes_norm_eps = 1e-5;
constexpr double classes_weight_decay = 0.05;

/// The family `vehicles` with one class alone.
WorldFamily family_of_class(const ClassWeight& one) {
    WorldFamily family = vehicles_family();
    family.classes = {one};
    return family;
}

const std::vector<WorldFamily>& families_of_classes() {
    static const std::vector<WorldFamily> families = [] {
        std::vector<WorldFamily> all;
        for (const ClassWeight& one : vehicles_family().classes) {
            all.push_back(family_of_class(one));
        }
        return all;
    }();
    return families;
}

at::Tensor layer_normed(const at::Tensor& x, const at::Tensor& gain) {
    return at::layer_norm(x, {x.size(-1)}, gain, {}, classes_norm_eps);
}

}  // namespace

const std::vector<std::string>& labelled_classes() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const ClassWeight& one : vehicles_family().classes) {
            all.push_back(one.name);
        }
        return all;
    }();
    return names;
}

LabelledImages draw_labelled(std::uint64_t first_seed, int first, int count, int size) {
    const auto& families = families_of_classes();
    LabelledImages result{at::empty({count, size, size, 3}, at::kByte), at::empty({count}, at::kLong)};
    auto* const pixels = result.images.mutable_data_ptr<std::uint8_t>();
    auto* const labels = result.labels.mutable_data_ptr<std::int64_t>();
    const auto length = static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * 3;
    parallel_for(static_cast<std::size_t>(count), [&](std::size_t i) {
        const std::size_t index = static_cast<std::size_t>(first) + i;
        const std::size_t label = index % families.size();
        const GeneratedViews views = generate_views(families[label], first_seed + index, 1, size);
        std::memcpy(pixels + i * length, views.rgb.data(), length);
        labels[i] = static_cast<std::int64_t>(label);
    });
    constexpr double white = 255;
    result.images = result.images.permute({0, 3, 1, 2}).to(at::kFloat).div_(white).contiguous();
    return result;
}

Result<void> check_classes(const ClassesOptions& options) {
    if (options.patch < 1 || options.size < 1 || options.size % options.patch != 0) {
        return fail("classes", fmt::format("the size {} is not a multiple of the patch {}", options.size,
                                           options.patch));
    }
    if (options.heads < 1 || options.width < 1 || options.width % options.heads != 0 || options.blocks < 1 ||
        options.batch < 1 || options.steps < 1) {
        return fail("classes",
                    fmt::format("batch {}, steps {}, blocks {}, width {}, heads {} do not fit", options.batch,
                                options.steps, options.blocks, options.width, options.heads),
                    "All are at least 1, and the heads divide the width.");
    }
    return {};
}

at::Tensor ClassesTraining::keep(const std::string& name, const at::Tensor& value) {
    const at::Tensor leaf = value.detach().clone().requires_grad_(true);
    parameters_.push_back({name, leaf});
    return leaf;
}

ClassesTraining::ClassesTraining(const ClassesOptions& options, LabelledImages images)
    : options_(options), images_(std::move(images)) {
    const std::int64_t dim = options.width;
    const std::int64_t d = dim / options.heads;
    const std::int64_t across = options.size / options.patch;
    const std::int64_t pixels = std::int64_t{3} * options.patch * options.patch;
    auto generator = at::detail::createCPUGenerator(options.seed);
    const auto normal = [&](const std::string& name, at::IntArrayRef shape, std::int64_t inputs) {
        const double deviation = 1 / std::sqrt(static_cast<double>(inputs));
        return keep(name, at::normal(0.0, deviation, shape, generator));
    };
    embed_ = normal("embed", {dim, pixels}, pixels);
    positions_ = normal("positions", {across * across, dim}, dim);
    for (int i = 0; i < options.blocks; ++i) {
        const auto in = [i](const char* name) { return fmt::format("blocks.{}.{}", i, name); };
        Block block;
        block.norm = keep(in("norm"), at::ones({dim}));
        block.vittt.heads = options.heads;
        block.vittt.qkv_weight = normal(in("qkv.weight"), {3 * dim + 3 * d, dim}, dim);
        block.vittt.qkv_bias = keep(in("qkv.bias"), at::zeros({3 * dim + 3 * d}));
        block.vittt.proj_weight = normal(in("proj.weight"), {dim, dim + d}, dim + d);
        block.vittt.proj_bias = keep(in("proj.bias"), at::zeros({dim}));
        block.vittt.glu.linear = normal(in("w1"), {options.heads, d, d}, d);
        block.vittt.glu.gate = normal(in("w2"), {options.heads, d, d}, d);
        constexpr std::int64_t window = 9;
        block.vittt.conv = normal(in("w3"), {d, 3, 3}, window);
        block.mlp_norm = keep(in("mlp_norm"), at::ones({dim}));
        block.mlp_in = normal(in("mlp.in"), {2 * dim, dim}, dim);
        block.mlp_out = normal(in("mlp.out"), {dim, 2 * dim}, 2 * dim);
        blocks_.push_back(std::move(block));
    }
    const auto classes = static_cast<std::int64_t>(labelled_classes().size());
    output_norm_ = keep("output_norm", at::ones({dim}));
    output_ = normal("output.weight", {classes, dim}, dim);
    output_bias_ = keep("output.bias", at::zeros({classes}));
    OptimizerOptions muon;
    muon.kind = OptimizerKind::muon;
    muon.weight_decay = classes_weight_decay;
    muon.ema_decay = 0;
    optimizer_ = std::make_unique<Optimizer>(parameters_, muon);
}

at::Tensor ClassesTraining::logits(const at::Tensor& images) const {
    const std::int64_t count = images.size(0);
    const std::int64_t patch = options_.patch;
    const std::int64_t across = options_.size / patch;
    // [n, positions, 3 patch^2]
    const at::Tensor patches = images.reshape({count, 3, across, patch, across, patch})
                                   .permute({0, 2, 4, 1, 3, 5})
                                   .reshape({count, across * across, 3 * patch * patch});
    at::Tensor x = at::linear(patches * 2 - 1, embed_) + positions_;
    for (const Block& block : blocks_) {
        auto inputs = vittt_inputs(block.vittt, layer_normed(x, block.norm), across, across);
        // check_classes() has checked what can fail.
        x = x + run_vittt(block.vittt, *inputs, options_.rule).y;
        x = x +
            at::linear(at::gelu(at::linear(layer_normed(x, block.mlp_norm), block.mlp_in)), block.mlp_out);
    }
    return at::linear(layer_normed(x.mean(1), output_norm_), output_, output_bias_);
}

double ClassesTraining::step() {
    const auto count = static_cast<std::uint64_t>(images_.labels.size(0));
    at::Tensor chosen = at::empty({options_.batch}, at::kLong);
    at::Tensor mirrored = at::empty({options_.batch, 1, 1, 1}, at::kBool);
    for (std::int64_t i = 0; i < options_.batch; ++i) {
        // Every epoch has its own order.
        const auto sample =
            static_cast<std::uint64_t>(steps_done_) * static_cast<std::uint64_t>(options_.batch) +
            static_cast<std::uint64_t>(i);
        const std::uint64_t epoch = sample / count;
        const std::uint64_t key = KeyedRandom::mix(options_.seed * 1'000'003 + epoch);
        chosen.data_ptr<std::int64_t>()[i] = static_cast<std::int64_t>(shuffled(sample % count, count, key));
        mirrored.data_ptr<bool>()[i] = KeyedRandom({options_.seed, sample}).below(2) == 1;
    }
    const at::Tensor images = images_.images.index_select(0, chosen);
    const at::Tensor loss = at::cross_entropy_loss(logits(at::where(mirrored, images.flip({3}), images)),
                                                   images_.labels.index_select(0, chosen));
    loss.backward();
    const double left = 1 - static_cast<double>(steps_done_) / options_.steps;
    optimizer_->step(options_.learning_rate * left);
    ++steps_done_;
    return loss.item<double>();
}

double ClassesTraining::accuracy(const LabelledImages& images) const {
    const at::NoGradGuard no_grad;
    return (logits(images.images).argmax(1) == images.labels).to(at::kDouble).mean().item<double>();
}

}  // namespace lact
