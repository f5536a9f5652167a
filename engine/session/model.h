#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/ttt/update_rule.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lact {

/// Precision of the network. fp64 is for checks: slow, and without a use in renderings.
enum class Precision { fp32, bf16, fp64 };
[[nodiscard]] std::string_view to_string(Precision precision);
[[nodiscard]] Result<Precision> parse_precision(std::string_view text);
/// The precision of Newton-Schulz as it runs: that of the rule, but fp64 where the network computes in fp64.
[[nodiscard]] std::string_view newton_schulz_precision(const UpdateRule& rule, Precision precision);
/// A sentence where this precision is slow on a device, named as describe_device() does; else empty.
[[nodiscard]] std::string precision_remark(Precision precision, std::string_view device);
/// What a device, named as describe_device() does, uses unless another one is requested: bf16 on a GPU, fp32
/// on a CPU.
[[nodiscard]] Precision default_precision(std::string_view device);

/// Device and precision of a model.
struct ComputeOptions {
    std::string device = "auto";  ///< "auto", "cpu", "cuda" or "cuda:i".
    /// fp32 is the reference; TF32 is off. None: the default_precision() of the device.
    std::optional<Precision> precision = Precision::fp32;
    int threads = 0;         ///< CPU threads of one operation; 0: one for each core.
    std::size_t memory = 0;  ///< Bytes of main memory for scenes; 0: the free memory.
};

/// A weight file on a device, shared by any number of sessions. Immutable.
class Model {
  public:
    /// Loads a weight file. Errors: those of load_checkpoint(); no such device; out of memory.
    [[nodiscard]] static Result<std::shared_ptr<const Model>> load(const std::filesystem::path& weights,
                                                                   const ComputeOptions& options);
    /// The same weights with the signs of every initial W1 and every output projection of a TTT layer
    /// flipped: under gradient ascent on the dot-product loss they compute the images that these compute
    /// under descent.
    [[nodiscard]] std::shared_ptr<const Model> mirrored() const;
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    [[nodiscard]] const ModelConfig& config() const;
    [[nodiscard]] const WeightsInfo& info() const;
    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] const std::string& sha256() const;
    [[nodiscard]] long long parameters() const;
    [[nodiscard]] Precision precision() const;
    [[nodiscard]] std::string device_name() const;  ///< "cpu", or "cuda:0 (NVIDIA …)".
    /// Whether it computes on the CPU, with its state in main memory.
    [[nodiscard]] bool on_cpu() const;
    /// The rule of the training, with its Newton-Schulz precision.
    [[nodiscard]] const UpdateRule& trained_rule() const;

    /// Internal: defined in parts.h.
    struct Parts;
    [[nodiscard]] const Parts& parts() const { return *parts_; }

  private:
    explicit Model(std::unique_ptr<const Parts> parts);
    std::unique_ptr<const Parts> parts_;
};

/// Error: weights that were loaded to be compared with those that are open, which were of the same file, are
/// others: a training replaces its weights while they are open.
[[nodiscard]] Result<void> check_same_weights(const Model& loaded, const Model& open,
                                              const std::string& where, const std::string& hint);

}  // namespace lact
