#include "engine/session/model.h"

#include "engine/model/device.h"
#include "engine/session/parts.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {

Error engine_error(std::string where, const std::exception& problem) {
    std::string what = problem.what();
    // Torch appends its stack trace after the first line.
    what.resize(std::min(what.size(), what.find('\n')));
    const bool memory =
        what.find("out of memory") != std::string::npos || what.find("alloc") != std::string::npos;
    return {what, std::move(where), memory ? "Use fewer input views or a smaller size." : "", false};
}

Model::Model(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Model::~Model() = default;

Result<std::shared_ptr<const Model>> Model::load(const std::filesystem::path& weights,
                                                 const ComputeOptions& options) {
    try {
        LACT_TRY(const at::Device device, select_device(options.device));
        use_reference_arithmetic(options.threads);
        LACT_TRY(Checkpoint checkpoint, load_checkpoint(weights));
        LACT_TRY(UpdateRule rule, parse_update_rule(checkpoint.info.rule));
        LACT_TRY(rule.ns_precision, parse_ns_precision(checkpoint.info.ns_precision));
        if (checkpoint.config.query_is_key) {
            rule.read_with = ReadWith::key;
        }
        const Precision precision = options.precision.value_or(default_precision(describe_device(device)));
        const auto type = precision == Precision::bf16   ? at::kBFloat16
                          : precision == Precision::fp64 ? at::kDouble
                                                         : at::kFloat;
        Network network(checkpoint, device, type);
        checkpoint.file = {};  // The network has its own copies.
        auto parts =
            std::make_unique<const Parts>(Parts{std::move(checkpoint), std::move(network), precision, rule});
        return std::shared_ptr<const Model>(
            new Model(std::move(parts)));  // NOLINT(cppcoreguidelines-owning-memory)
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error(weights.string(), problem));
    }
}

std::shared_ptr<const Model> Model::mirrored() const {
    auto parts = std::make_unique<const Parts>(
        Parts{parts_->checkpoint, parts_->network.mirrored(), parts_->precision, parts_->trained_rule});
    return std::shared_ptr<const Model>(
        new Model(std::move(parts)));  // NOLINT(cppcoreguidelines-owning-memory)
}

const ModelConfig& Model::config() const {
    return parts_->checkpoint.config;
}
const WeightsInfo& Model::info() const {
    return parts_->checkpoint.info;
}
const std::filesystem::path& Model::path() const {
    return parts_->checkpoint.path;
}
const std::string& Model::sha256() const {
    return parts_->checkpoint.sha256;
}
long long Model::parameters() const {
    return parts_->checkpoint.parameters;
}
Precision Model::precision() const {
    return parts_->precision;
}
const UpdateRule& Model::trained_rule() const {
    return parts_->trained_rule;
}
std::string Model::device_name() const {
    return describe_device(parts_->network.device());
}

bool Model::on_cpu() const {
    return parts_->network.device().is_cpu();
}

Result<void> check_same_weights(const Model& loaded, const Model& open, const std::string& where,
                                const std::string& hint) {
    if (loaded.sha256() == open.sha256()) {
        return {};
    }
    return fail(
        where,
        fmt::format("{} holds other weights than when it was opened, and a difference would be theirs",
                    open.path().string()),
        hint);
}

}  // namespace lact
