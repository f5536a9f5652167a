#include "engine/model/safetensors.h"
#include "engine/session/matrix.h"
#include "tests/support/temporary_folder.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(MatrixFile, IsReadBackAsItWas) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "numbers.safetensors";
    const std::vector<NamedMatrix> matrices = {{"s", 2, 3, {1, 2, 3, 4, 5, 6}}, {"loss", 1, 2, {-1, 0.5F}}};
    const auto written = write_matrices(path, matrices, {{"rule", "baseline"}});
    ASSERT_TRUE(written.has_value()) << written.error().message();
    const auto file = read_safetensors(path);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->metadata.at("rule"), "baseline");
    ASSERT_EQ(file->tensors.size(), 2U);
    const at::Tensor s = file->tensors.at("s");
    EXPECT_EQ(s.sizes(), (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(s[1][0].item<float>(), 4);
    EXPECT_EQ(file->tensors.at("loss")[0][1].item<float>(), 0.5F);
}

TEST(MatrixFile, RefusesWhatDoesNotFit) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "numbers.safetensors";
    EXPECT_FALSE(write_matrices(path, std::vector<NamedMatrix>{{"s", 2, 3, {1, 2}}}, {}).has_value());
    const std::vector<NamedMatrix> twice = {{"s", 1, 1, {1}}, {"s", 1, 1, {2}}};
    EXPECT_FALSE(write_matrices(path, twice, {}).has_value());
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace lact
