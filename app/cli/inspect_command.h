#pragma once

#include "app/cli/options.h"
#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/equivalence_check.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact::app {

/// What `lactscope inspect` was asked for.
struct InspectOptions {
    ModelOptions model;
    SceneOptions scene;
    bool check = false;
    std::string what;
    std::string output;
    std::optional<int> layer;
    int head = 0;
    std::string side = "value";
    std::optional<std::size_t> view;
    std::vector<int> pixel;
    bool json = false;
};

/// `inspect --check`: the table, or JSON on stdout; an error when a row is out of tolerance.
[[nodiscard]] Result<void> run_equivalence_check(const InspectOptions& options, const Job& job);
/// What the exit code says of a check: an error when any row is out of tolerance.
[[nodiscard]] Result<void> verdict(std::span<const EquivalenceRow> rows);
/// `inspect --what …`: pictures, tensors and figures.
[[nodiscard]] Result<void> run_inspection(const InspectOptions& options, const Job& job);

}  // namespace lact::app
