#include "engine/session/vittt_example.h"

#include "engine/core/counted.h"
#include "engine/linear/vittt_form.h"
#include "engine/procedural/generated_views.h"
#include "engine/scene/resample.h"
#include "engine/ttt/vittt_block.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::int64_t heads = 2;
constexpr std::int64_t dim = 32;
constexpr std::int64_t d = dim / heads;
constexpr int least_across = 4;
constexpr int most_across = 48;

Image8 cut_to_positions(const Image8& rgb, int across) {
    const int pixels = VitttExample::position_pixels;
    const double shape = static_cast<double>(rgb.height) / rgb.width;
    const int down = std::clamp(static_cast<int>(std::lround(across * shape)), 1, 2 * most_across);
    const Size window{across * pixels, down * pixels};
    const double scale = std::max(static_cast<double>(window.width) / rgb.width,
                                  static_cast<double>(window.height) / rgb.height);
    const Size resized{std::max(window.width, static_cast<int>(std::lround(rgb.width * scale))),
                       std::max(window.height, static_cast<int>(std::lround(rgb.height * scale)))};
    return resize_lanczos_window(rgb, resized, (resized.width - window.width) / 2,
                                 (resized.height - window.height) / 2, window);
}

/// Pixels of every position, [1, positions, 192], mean 0 and standard deviation 1 over the image.
at::Tensor patches(const Image8& image) {
    const int pixels = VitttExample::position_pixels;
    const at::Tensor x = at::tensor(at::ArrayRef<std::uint8_t>(image.pixels), at::kByte)
                             .to(at::kFloat)
                             .view({image.height / pixels, pixels, image.width / pixels, pixels, 3});
    const at::Tensor rows = x.permute({0, 2, 1, 3, 4}).flatten(0, 1).flatten(1).unsqueeze(0);
    return (rows - rows.mean()) / (rows.std() + 1e-3);
}

/// Random parameters; queries and keys share a projection.
VitttBlock random_block(const at::Generator& random) {
    const auto normal = [&](at::IntArrayRef sizes, double scale) {
        return at::randn(sizes, random, at::TensorOptions(at::kFloat)) * scale;
    };
    const double by_dim = 1 / std::sqrt(static_cast<double>(dim));
    const double by_head = 1 / std::sqrt(static_cast<double>(d));
    const at::Tensor key = normal({dim, dim}, by_dim);
    const at::Tensor key2 = normal({d, dim}, by_dim);
    VitttBlock block;
    block.heads = heads;
    block.qkv_weight = at::cat({key, key, normal({dim, dim}, VitttExample::value_scale * by_dim), key2, key2,
                                normal({d, dim}, VitttExample::value_scale * by_dim)});
    block.proj_weight = normal({dim, dim + d}, by_dim);
    block.glu = {normal({heads, d, d}, by_head), normal({heads, d, d}, by_head)};
    block.conv = normal({d, 3, 3}, 1.0 / 3);
    return block;
}

/// [positions, channels] as colours: the first three principal components, -2 to 2 standard deviations each.
Image8 principal_colours(const at::Tensor& rows, int width, int height) {
    const at::Tensor centred = (rows - rows.mean(0, true)).to(at::kDouble);
    const auto [u, sigma, vh] = at::linalg_svd(centred, /*full_matrices=*/false);
    const at::Tensor components = u.slice(1, 0, 3) * std::sqrt(static_cast<double>(rows.size(0)));
    const at::Tensor bytes = ((components / 4 + 0.5).clamp(0, 1) * 255).round().to(at::kByte).contiguous();
    const auto* first = bytes.const_data_ptr<std::uint8_t>();
    return {width, height, 3, {first, first + bytes.numel()}};
}

std::vector<double> vittt_numbers(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kDouble).contiguous();
    const auto* first = values.const_data_ptr<double>();
    return {first, first + values.numel()};
}

/// max|a - b| / max|a|; 0 of equal tensors, which may be 0: all patches of one colour give an output of 0.
double relative(const at::Tensor& a, const at::Tensor& b) {
    const double difference = (a - b).abs().max().item<double>();
    return difference == 0 ? 0 : difference / a.abs().max().item<double>();
}

}  // namespace

struct VitttExample::Parts {
    VitttExampleOptions options;
    Image8 image;
    int rows = 0;
    int columns = 0;
    VitttInputs inputs;
    GluForm glu;
    ConvForm conv;
    Image8 glu_image;
    Image8 conv_image;
    double glu_difference = 0;
    double conv_difference = 0;

    Result<void> run();
};

Result<void> VitttExample::Parts::run() {
    const c10::InferenceMode inference;
    const auto random = at::detail::createCPUGenerator(options.seed);
    const at::Tensor pixels = patches(image);
    const at::Tensor embedding = at::randn({dim, pixels.size(2)}, random, at::TensorOptions(at::kFloat)) /
                                 std::sqrt(static_cast<double>(pixels.size(2)));
    const at::Tensor x = at::linear(pixels, embedding);
    const VitttBlock block = random_block(random);
    at::Tensor rotations;
    if (options.rotary) {
        LACT_TRY(rotations, rotary_rotations(rows, columns, dim, x.options()));
    }
    LACT_TRY(inputs, vittt_inputs(block, x, rows, columns, rotations));
    const VitttOutputs outputs = run_vittt(block, inputs);
    glu = glu_form(inputs.glu, inputs.k, inputs.v);
    conv = conv_form(inputs.conv, inputs.k2, inputs.v2);
    glu_difference = relative(outputs.of_glu[0], read_attention(glu, inputs.q).transpose(0, 1).flatten(1));
    conv_difference =
        relative(outputs.of_conv[0], read_attention(conv, inputs.q2)[0].flatten(1).transpose(0, 1));
    glu_image = principal_colours(outputs.of_glu[0], columns, rows);
    conv_image = principal_colours(outputs.of_conv[0], columns, rows);
    return {};
}

VitttExample::VitttExample(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
VitttExample::VitttExample(VitttExample&&) noexcept = default;
VitttExample& VitttExample::operator=(VitttExample&&) noexcept = default;
VitttExample::~VitttExample() = default;

Result<VitttExample> VitttExample::of(const Image8& rgb, const VitttExampleOptions& options) {
    if (rgb.width < 1 || rgb.height < 1 || rgb.channels != 3 ||
        rgb.pixels.size() != static_cast<std::size_t>(rgb.width) * static_cast<std::size_t>(rgb.height) * 3) {
        return fail("image", fmt::format("{}x{} with {} is not an RGB image", rgb.width, rgb.height,
                                         counted(rgb.channels, "channel")));
    }
    if (options.positions_across < least_across || options.positions_across > most_across) {
        return fail("positions", fmt::format("{} across are not between {} and {}", options.positions_across,
                                             least_across, most_across));
    }
    auto parts = std::make_unique<Parts>();
    parts->options = options;
    parts->image = cut_to_positions(rgb, options.positions_across);
    parts->rows = parts->image.height / position_pixels;
    parts->columns = parts->image.width / position_pixels;
    try {
        LACT_CHECK(parts->run());
    } catch (const std::exception& problem) {
        const std::string_view text = problem.what();
        return fail("image", fmt::format("Torch failed: {}", text.substr(0, text.find('\n'))));
    }
    return VitttExample(std::move(parts));
}

const VitttExampleOptions& VitttExample::options() const {
    return parts_->options;
}
int VitttExample::rows() const {
    return parts_->rows;
}
int VitttExample::columns() const {
    return parts_->columns;
}
const Image8& VitttExample::image() const {
    return parts_->image;
}
const Image8& VitttExample::glu_image() const {
    return parts_->glu_image;
}
const Image8& VitttExample::conv_image() const {
    return parts_->conv_image;
}
double VitttExample::glu_difference() const {
    return parts_->glu_difference;
}
double VitttExample::conv_difference() const {
    return parts_->conv_difference;
}

Result<VitttAttention> VitttExample::attention(int column, int row) const {
    if (column < 0 || column >= columns() || row < 0 || row >= rows()) {
        return fail("position", fmt::format("{},{} is outside of the grid of {} x {} positions", column, row,
                                            columns(), rows()));
    }
    const c10::InferenceMode inference;
    const std::int64_t at = static_cast<std::int64_t>(row) * columns() + column;
    const PositionAttention glu = position_attention(parts_->glu, parts_->inputs.q, 0, heads, at);
    const PositionAttention conv = position_attention(parts_->conv, parts_->inputs.q2, 0, at);
    return VitttAttention{vittt_numbers(glu.shares), vittt_numbers(conv.shares), glu.initial, conv.initial};
}

Result<Image8> load_rgb(const std::filesystem::path& path) {
    LACT_TRY(const Image8 image, load_image(path));
    return to_image8(to_image_f(image));
}

Image8 generated_image() {
    constexpr int side = 192;
    constexpr std::uint64_t seed = 4;
    GeneratedViews views = generate_views(scenes_family(), seed, 1, side);
    return {side, side, 3, std::move(views.rgb)};
}

}  // namespace lact
