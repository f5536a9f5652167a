#pragma once

#include "engine/ttt/update_rule.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

namespace lact::test {

/// The golden folder: $LACT_GOLDEN_DIR, by default tests/golden.
[[nodiscard]] std::filesystem::path golden_dir();
/// The golden files with this beginning and ending that are there, in name order: of those that tests take by
/// a part of their names. One that is missing fails the test where the folder is the repository's own, except
/// the few that the repository does not hold; any other folder may hold some of the files only.
[[nodiscard]] std::vector<std::filesystem::path> golden_files(std::string_view prefix,
                                                              std::string_view ending);
/// Real scenes for evaluation: $LACT_SCENES_DIR; empty where it is not set.
[[nodiscard]] std::filesystem::path scenes_dir();
/// The device that engine and golden tests run on: $LACT_TEST_DEVICE, by default the CPU.
[[nodiscard]] at::Device test_device();

/// The parts of a tensor's name, which dots separate.
[[nodiscard]] std::vector<std::string> name_parts(const std::string& name);

/// How far a result may be from its golden value: largest and mean absolute difference.
struct Tolerance {
    double max = 0;
    double mean = 1e30;
};

/// The rule that a golden file's names mean: `rule` as the ablation branch calls it
/// ("only_w1_straight_qk_no_wn"), `mode` one of ns5_bf16, ns5_fp32, ns0_fp32, nomuon.
[[nodiscard]] UpdateRule golden_rule(const std::string& rule, const std::string& mode);

/// Tolerances of the golden README for one call of the operation, by mode.
[[nodiscard]] bool is_bf16(const std::string& mode);

/// One golden file. Every `out.*`, `grad.*` and `ortho.*` tensor that a test does not compare makes the test
/// fail (finish()), so that no altered value can pass unseen.
class GoldenFile {
  public:
    /// `name` without its ending. Empty where the file is absent: the caller then skips with skip_reason(),
    /// and the test fails where the file must be there (golden_files()).
    [[nodiscard]] static std::optional<GoldenFile> open(const std::string& name);
    [[nodiscard]] static std::string skip_reason(const std::string& name);
    /// The names of golden_files() that begin with `prefix` and do not end in "_weights".
    [[nodiscard]] static std::vector<std::string> names_with(const std::string& prefix);

    [[nodiscard]] const nlohmann::json& config() const { return config_; }
    [[nodiscard]] bool has(const std::string& tensor) const;
    /// The tensor on test_device(); fails the test and returns an empty tensor where it is missing.
    [[nodiscard]] at::Tensor get(const std::string& tensor) const;
    /// Names that begin with `prefix`, in order.
    [[nodiscard]] std::vector<std::string> with_prefix(const std::string& prefix) const;

    /// EXPECTs shape and values of `actual` to be those of the golden `tensor`, and marks it compared.
    void expect_close(const std::string& tensor, const at::Tensor& actual, const Tolerance& tolerance);
    /// Marks an expected tensor that the README says not to compare element by element.
    void mark_compared(const std::string& tensor) { compared_.insert(tensor); }
    /// EXPECTs that every expected tensor was compared.
    void finish() const;

  private:
    std::string name_;
    nlohmann::json config_;
    std::map<std::string, at::Tensor> tensors_;
    std::set<std::string> compared_;
};

}  // namespace lact::test

/// Opens a golden file or skips the test loudly.
#define LACT_GOLDEN(variable, name)                                  \
    auto variable##_file = ::lact::test::GoldenFile::open(name);     \
    if (!variable##_file.has_value()) {                              \
        GTEST_SKIP() << ::lact::test::GoldenFile::skip_reason(name); \
    }                                                                \
    auto& variable = *variable##_file
