#include "tests/support/rule_weights.h"

#include "engine/model/checkpoint.h"
#include "tests/support/small_model.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::test {

void write_rule_weights(const std::filesystem::path& assets) {
    ModelConfig config = small_config();
    config.hidden_multiple = 1;
    const auto folder = assets / "weights" / "rules";
    std::filesystem::create_directories(folder);
    for (const std::string rule : {"baseline", "variant6"}) {
        Checkpoint checkpoint;
        checkpoint.config = config;
        checkpoint.file = random_weights(config);
        checkpoint.file.metadata["lact"] = nlohmann::json{
            {"name", rule},
            {"rule", rule},
            {"ns_precision", "bf16"},
            {"families", {{{"name", "vehicles"}, {"version", 1}}}},
            {"trained_sizes", {{16, 16}}}}.dump();
        const auto written = write_checkpoint(checkpoint, folder / (rule + ".safetensors"), StoredType::keep);
        ASSERT_TRUE(written.has_value()) << written.error().message();
    }
}

}  // namespace lact::test
