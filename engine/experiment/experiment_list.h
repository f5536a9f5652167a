#pragma once

#include "engine/experiment/experiment.h"

namespace lact {

// One function an experiment, defined in the file of its name.

[[nodiscard]] Experiment mirror_experiment();
[[nodiscard]] Experiment linear_rendering_experiment();
[[nodiscard]] Experiment memory_test_experiment();
[[nodiscard]] Experiment distributions_experiment();
[[nodiscard]] Experiment ablation_experiment();
[[nodiscard]] Experiment comparators_experiment();
[[nodiscard]] Experiment irreducible_experiment();
[[nodiscard]] Experiment check_experiment();
[[nodiscard]] Experiment trained_rules_experiment();
[[nodiscard]] Experiment recall_experiment();
[[nodiscard]] Experiment classes_experiment();

}  // namespace lact
