// Configurations of training runs: engine/train/train_config.h.
#include "engine/train/train_config.h"

#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(train_config) {
    const auto config = parse_train_config(text_of(data, size), "train");
    if (!config) {
        return config.error().what.empty() ? 1 : 0;
    }
    const auto again = parse_train_config(format_train_config(*config), "again");
    if (!again || *again != *config || !incompatibility(*config, *again).empty()) {
        return 1;
    }
    (void)train_rule(*config);
    (void)with_steps(*config, 3);
    (void)decay_branch(*config, 1, 1);
    const double rate = learning_rate(*config, config->steps() / 2);
    return rate >= 0 && rate < 1e9 ? 0 : 1;
}
