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

/// The options of `lactscope inspect`.
struct InspectOptions {
    ModelOptions model;
    SceneOptions scene;
    bool check = false;
    std::string what;
    std::string output;
    std::optional<int> layer;
    int head = 0;
    std::string factor = "right";    ///< "right" ("value") or "left" ("key").
    std::string shares = "centred";  ///< "centred" (of o - mean(o)) or "output" (of o).
    std::optional<std::size_t> view;
    std::vector<int> pixel;
    bool json = false;
    std::string plant = "none";  ///< With `check`: a planted error (engine/linear/planted_error.h).
};

/// `inspect --check`: prints the table, or JSON to stdout. Errors: those of verdict().
[[nodiscard]] Result<void> run_equivalence_check(const InspectOptions& options, const Job& job);
/// Errors: a row is out of tolerance, which is one whose difference in fp64 exceeds the limit; no row could
/// be compared.
[[nodiscard]] Result<void> verdict(std::span<const EquivalenceRow> rows);
/// `inspect --what`: writes images and tensors, and prints figures as JSON.
[[nodiscard]] Result<void> run_inspection(const InspectOptions& options, const Job& job);

}  // namespace lact::app
