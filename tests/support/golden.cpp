#include "tests/support/golden.h"

#include "engine/model/safetensors.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <utility>

#include <gtest/gtest.h>

namespace lact::test {
namespace {

constexpr const char* repository_folder = LACT_TESTS_DIR "/golden";

/// The files that tests take by a part of their names, in name order. All others are opened by name.
constexpr std::string_view files_by_kind[] = {"fast_weight_update_s1.safetensors",
                                              "fast_weight_update_s2.safetensors",
                                              "fast_weight_update_s3.safetensors",
                                              "fast_weight_update_s4.safetensors",
                                              "lact_nvs_model_a.safetensors",
                                              "lact_nvs_model_a_weights.pt",
                                              "lact_nvs_model_a_weights.safetensors",
                                              "lact_nvs_model_b.safetensors",
                                              "lact_nvs_model_b_weights.pt",
                                              "lact_nvs_model_b_weights.safetensors",
                                              "lact_nvs_model_c.safetensors",
                                              "lact_nvs_model_c_weights.pt",
                                              "lact_nvs_model_c_weights.safetensors",
                                              "lact_nvs_model_variants.safetensors",
                                              "lact_nvs_model_variants_weights.safetensors"};

/// What the repository does not hold: the first two show photos of a real scene, the third is large and
/// equals its safetensors file.
constexpr std::string_view not_in_repository[] = {"metrics.safetensors", "preprocess.safetensors",
                                                  "lact_nvs_model_a_weights.pt"};

/// Whether the file is there. Fails the test where it must be.
bool find_golden(const std::filesystem::path& path) {
    if (std::filesystem::exists(path)) {
        return true;
    }
    const bool of_repository = std::filesystem::weakly_canonical(path.parent_path()) ==
                               std::filesystem::weakly_canonical(repository_folder);
    const std::string file = path.filename().string();
    const bool exception =
        std::ranges::find(not_in_repository, std::string_view(file)) != std::end(not_in_repository);
    EXPECT_TRUE(!of_repository || exception) << "golden: " << path.string() << " is missing";
    return false;
}

bool is_expected_value(const std::string& name) {
    // Case names may stand before the kind: "ragged.out.postnorm…", "set0.out.c2w".
    for (const char* kind : {"out.", "grad.", "ortho."}) {
        const auto at = name.find(kind);
        if (at == 0 || (at != std::string::npos && name[at - 1] == '.')) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::filesystem::path golden_dir() {
    const char* dir = std::getenv("LACT_GOLDEN_DIR");
    return dir != nullptr && *dir != '\0' ? dir : repository_folder;
}

std::vector<std::filesystem::path> golden_files(std::string_view prefix, std::string_view ending) {
    std::vector<std::filesystem::path> files;
    for (const std::string_view file : files_by_kind) {
        const auto path = golden_dir() / file;
        if (file.starts_with(prefix) && file.ends_with(ending) && find_golden(path)) {
            files.push_back(path);
        }
    }
    return files;
}

std::filesystem::path scenes_dir() {
    const char* dir = std::getenv("LACT_SCENES_DIR");
    return dir != nullptr ? dir : "";
}

at::Device test_device() {
    const char* device = std::getenv("LACT_TEST_DEVICE");
    return {device != nullptr && *device != '\0' ? device : "cpu"};
}

std::vector<std::string> name_parts(const std::string& name) {
    std::vector<std::string> parts;
    std::stringstream stream(name);
    for (std::string part; std::getline(stream, part, '.');) {
        parts.push_back(part);
    }
    return parts;
}

std::optional<GoldenFile> GoldenFile::open(const std::string& name) {
    const auto path = golden_dir() / (name + ".safetensors");
    if (!find_golden(path)) {
        return std::nullopt;
    }
    auto file = read_safetensors(path);
    if (!file) {
        ADD_FAILURE() << file.error().message();
        return std::nullopt;
    }
    GoldenFile golden;
    golden.name_ = name;
    golden.tensors_ = std::move(file->tensors);
    if (file->metadata.contains("config")) {
        golden.config_ = nlohmann::json::parse(file->metadata.at("config"));
    }
    return golden;
}

std::string GoldenFile::skip_reason(const std::string& name) {
    return "golden: SKIPPED " + name + ".safetensors is not in " + golden_dir().string() +
           " (set LACT_GOLDEN_DIR to a folder that holds it)";
}

std::vector<std::string> GoldenFile::names_with(const std::string& prefix) {
    std::vector<std::string> names;
    for (const auto& path : golden_files(prefix, ".safetensors")) {
        if (std::string name = path.stem().string(); !name.ends_with("_weights")) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

bool GoldenFile::has(const std::string& tensor) const {
    return tensors_.contains(tensor);
}

at::Tensor GoldenFile::get(const std::string& tensor) const {
    const auto found = tensors_.find(tensor);
    if (found == tensors_.end()) {
        ADD_FAILURE() << name_ << " has no tensor " << tensor;
        return {};
    }
    return found->second.to(test_device());
}

std::vector<std::string> GoldenFile::with_prefix(const std::string& prefix) const {
    std::vector<std::string> names;
    for (auto at = tensors_.lower_bound(prefix); at != tensors_.end() && at->first.starts_with(prefix);
         ++at) {
        names.push_back(at->first);
    }
    return names;
}

void GoldenFile::expect_close(const std::string& tensor, const at::Tensor& actual,
                              const Tolerance& tolerance) {
    compared_.insert(tensor);
    const at::Tensor expected = get(tensor);
    if (!expected.defined()) {
        return;
    }
    ASSERT_TRUE(actual.defined()) << name_ << " " << tensor;
    ASSERT_EQ(actual.sizes(), expected.sizes()) << name_ << " " << tensor;
    if (expected.numel() == 0) {
        return;
    }
    const auto difference = (actual.to(test_device(), at::kDouble) - expected.to(at::kDouble)).abs();
    const double largest = difference.max().item<double>();
    const double mean = difference.mean().item<double>();
    // Written so that NaN fails.
    EXPECT_TRUE(largest <= tolerance.max)
        << name_ << " " << tensor << ": largest difference " << largest << ", allowed " << tolerance.max;
    EXPECT_TRUE(mean <= tolerance.mean)
        << name_ << " " << tensor << ": mean difference " << mean << ", allowed " << tolerance.mean;
}

void GoldenFile::finish() const {
    for (const auto& [tensor, value] : tensors_) {
        if (is_expected_value(tensor)) {
            EXPECT_TRUE(compared_.contains(tensor)) << name_ << ": " << tensor << " was not compared";
        }
    }
}

UpdateRule golden_rule(const std::string& rule, const std::string& mode) {
    const auto says = [&](const char* word) { return rule.find(word) != std::string::npos; };
    UpdateRule result;
    if (rule == "ga") {
        result.direction = Direction::ascent;
    } else if (rule == "mse") {
        result.loss = InnerLoss::mse;
    } else if (rule == "no_query") {
        result.read_with = ReadWith::key;
    } else if (says("only_w1")) {
        result.updated = UpdatedMatrices::last;
        result.kernel = says("straight_qk") ? Kernel::identity : Kernel::swiglu;
        result.per_token_rate = !says("no_lr1");
        // "no_wn" may stand alone or before "_muon": no_lr1_no_wn_muon means neither norm nor Muon.
        result.weight_norm = !says("no_wn");
        result.orthogonalize = !(says("no_muon") || says("no_wn_muon"));
    } else if (rule != "baseline") {
        ADD_FAILURE() << "golden rule " << rule << " is not known";
    }
    if (mode == "nomuon") {
        result.orthogonalize = false;
    } else if (mode == "ns5_fp32" || mode == "ns0_fp32") {
        result.ns_precision = NsPrecision::fp32;
        result.ns_steps = mode == "ns0_fp32" ? 0 : 5;
    } else if (mode != "ns5_bf16") {
        ADD_FAILURE() << "golden mode " << mode << " is not known";
    }
    return result;
}

bool is_bf16(const std::string& mode) {
    return mode == "ns5_bf16";
}

}  // namespace lact::test
