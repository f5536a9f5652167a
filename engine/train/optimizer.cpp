#include "engine/train/optimizer.h"

#include "engine/train/inner_update.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/ATen.h>

namespace lact {

namespace {

constexpr double adam_eps = 1e-8;
constexpr int muon_steps = 5;

/// Matrices of the blocks, except the projection of the rates, whose rows have different meanings.
bool is_muon_matrix(const Parameter& parameter) {
    return parameter.value.dim() == 2 && parameter.name.rfind("blocks.", 0) == 0 &&
           parameter.name.find("lr_fc") == std::string::npos;
}

/// The number of projections stacked in one matrix: to_qkv holds three (or two) square ones.
int64_t stacked(const Parameter& parameter) {
    const bool qkv = parameter.name.find("to_qkv") != std::string::npos;
    return qkv ? parameter.value.size(0) / parameter.value.size(1) : 1;
}

}  // namespace

Optimizer::Optimizer(std::vector<Parameter> parameters, const OptimizerOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
    const at::NoGradGuard no_grad;
    for (const auto& parameter : parameters_) {
        first_.push_back(at::zeros_like(parameter.value));
        const bool muon = uses_muon(parameter);
        second_.push_back(muon ? at::Tensor() : at::zeros_like(parameter.value));
        average_.push_back(options_.ema_decay > 0 ? parameter.value.detach().clone() : at::Tensor());
    }
}

bool Optimizer::uses_muon(const Parameter& parameter) const {
    return options_.kind == OptimizerKind::muon && is_muon_matrix(parameter);
}

OptimizerStep Optimizer::step(double learning_rate) {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> present;
    for (const auto& parameter : parameters_) {
        gradients.push_back(parameter.value.grad());
        if (gradients.back().defined()) {
            present.push_back(gradients.back());
        }
        parameter.value.mutable_grad() = at::Tensor();
    }
    OptimizerStep report;
    report.gradient_norm =
        present.empty() ? 0.0 : at::stack(at::_foreach_norm(present)).norm().item<double>();
    if (!std::isfinite(report.gradient_norm)) {
        report.skipped = true;
        return report;
    }
    if (options_.clip > 0 && report.gradient_norm > options_.clip) {
        at::_foreach_mul_(present, options_.clip / (report.gradient_norm + 1e-6));
    }
    ++steps_;
    adamw(gradients, learning_rate);
    muon(gradients, learning_rate);
    if (options_.ema_decay > 0) {
        // Early in the run a full decay would average over more steps than there were.
        const double decay = std::min(
            options_.ema_decay, (1.0 + static_cast<double>(steps_)) / (10.0 + static_cast<double>(steps_)));
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            average_[i].lerp_(parameters_[i].value, 1 - decay);
        }
    }
    return report;
}

void Optimizer::adamw(const std::vector<at::Tensor>& gradients, double learning_rate) {
    const double correction1 = 1 - std::pow(options_.beta1, static_cast<double>(steps_));
    const double correction2 = 1 - std::pow(options_.beta2, static_cast<double>(steps_));
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const auto& value = parameters_[i].value;
        const auto& gradient = gradients[i];
        if (!gradient.defined() || uses_muon(parameters_[i])) {
            continue;
        }
        if (value.dim() >= 2) {
            value.mul_(1 - learning_rate * options_.weight_decay);
        }
        first_[i].lerp_(gradient, 1 - options_.beta1);
        second_[i].mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
        const auto scale = second_[i].sqrt().div_(std::sqrt(correction2)).add_(adam_eps);
        value.addcdiv_(first_[i], scale, -learning_rate / correction1);
    }
}

void Optimizer::muon(const std::vector<at::Tensor>& gradients, double learning_rate) {
    struct Piece {
        at::Tensor value, update;
    };
    std::map<std::pair<int64_t, int64_t>, std::vector<Piece>> by_shape;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const auto& gradient = gradients[i];
        if (!gradient.defined() || !uses_muon(parameters_[i])) {
            continue;
        }
        first_[i].mul_(options_.muon_momentum).add_(gradient);
        const auto update = at::add(gradient, first_[i], options_.muon_momentum);  // Nesterov
        const int64_t pieces = stacked(parameters_[i]);
        const auto values = parameters_[i].value.detach().chunk(pieces, 0);
        const auto updates = update.chunk(pieces, 0);
        for (std::size_t j = 0; j < values.size(); ++j) {
            by_shape[{values[j].size(0), values[j].size(1)}].push_back({values[j], updates[j]});
        }
    }
    for (const auto& [shape, pieces] : by_shape) {
        std::vector<at::Tensor> batch;
        for (const auto& piece : pieces) {
            batch.push_back(piece.update);
        }
        const auto precision =
            pieces[0].value.scalar_type() == at::kDouble ? NsPrecision::fp32 : NsPrecision::bf16;
        const auto orthogonal = training::newton_schulz(at::stack(batch), muon_steps, precision);
        const double scale = 0.2 * std::sqrt(static_cast<double>(std::max(shape.first, shape.second)));
        for (std::size_t j = 0; j < pieces.size(); ++j) {
            pieces[j]
                .value.mul_(1 - learning_rate * options_.weight_decay)
                .add_(orthogonal[static_cast<int64_t>(j)], -learning_rate * scale);
        }
    }
}

std::map<std::string, at::Tensor> Optimizer::averaged() const {
    std::map<std::string, at::Tensor> result;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        result[parameters_[i].name] =
            (options_.ema_decay > 0 ? average_[i] : parameters_[i].value.detach()).clone();
    }
    return result;
}

std::map<std::string, at::Tensor> Optimizer::state() const {
    std::map<std::string, at::Tensor> result;
    result["steps"] = at::full({1}, steps_, at::kLong);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const auto& name = parameters_[i].name;
        result["first." + name] = first_[i].clone();
        if (second_[i].defined()) {
            result["second." + name] = second_[i].clone();
        }
        if (average_[i].defined()) {
            result["average." + name] = average_[i].clone();
        }
    }
    return result;
}

Result<void> Optimizer::load_state(const std::map<std::string, at::Tensor>& state) {
    const auto steps = state.find("steps");
    if (steps == state.end() || steps->second.numel() != 1) {
        return fail("steps", "is not in the state of the optimiser",
                    "The file does not belong to a training run.");
    }
    const auto each = [&](auto&& use) -> Result<void> {
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            const auto& name = parameters_[i].name;
            LACT_CHECK(use("first." + name, first_[i]));
            LACT_CHECK(use("second." + name, second_[i]));
            LACT_CHECK(use("average." + name, average_[i]));
        }
        return {};
    };
    LACT_CHECK(each([&](const std::string& name, const at::Tensor& mine) -> Result<void> {
        const auto found = state.find(name);
        if (mine.defined() && (found == state.end() || found->second.sizes() != mine.sizes())) {
            return fail(name, "is missing in the state of the optimiser or has another shape",
                        "It was written by a run with other options or of another model.");
        }
        return {};
    }));
    steps_ = steps->second.item<int64_t>();
    return each([&](const std::string& name, const at::Tensor& mine) -> Result<void> {
        if (mine.defined()) {
            mine.copy_(state.at(name));
        }
        return {};
    });
}

}  // namespace lact
