#pragma once

#include "engine/core/error.h"
#include "engine/session/session.h"
#include "engine/ttt/update_rule.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// What one side of a comparison shows.
enum class SideKind {
    model,         ///< What a model renders.
    photo,         ///< The photo that was taken from this camera.
    ground_truth,  ///< The ground truth of a generated scene, drawn from this camera.
    captured,      ///< A rendering that was kept; only the window has one.
};

/// One side of a comparison, relative to the open model: an empty value is the current one. Only a model has
/// values.
struct SideSpec {
    SideKind kind = SideKind::model;
    std::optional<UpdateRule> rule;
    bool rule_names_precision =
        false;  ///< The text has ns=…; otherwise the precision of Newton-Schulz is the current one.
    std::optional<std::string> weights;  ///< Path of a weight file.
    std::optional<Precision> precision;
    std::optional<LayerForm> form;  ///< What computes every TTT layer: ttt or linear.
    std::optional<std::size_t>
        view_count;  ///< Number of input views, spread over the scene; excludes `views`.
    std::optional<std::vector<std::size_t>> views;  ///< These input views, in this order.

    /// Whether it is the open model without changes.
    [[nodiscard]] bool is_current() const;
    friend bool operator==(const SideSpec&, const SideSpec&) = default;
};

/// A side from text: `current`, `photo`, `ground-truth` (or `truth`), `captured`, or any of `rule=…`,
/// `weights=…`, `views=…`, `precision=fp32|bf16|fp64`, `form=ttt|linear`, separated by commas:
/// "rule=mse,steps=4,views=4". What follows a comma and names no part of a side belongs to the part before
/// it, so rules and lists need no quotes; in a path `\,` is a comma and `\\` a backslash, and
/// `asset:weights/general.safetensors` comes with the program. `views=4` is a number of views, `views=0,8,28`
/// a list, `views=[8]` a list of one. Errors name the part: unknown, twice, empty, wrong value, or with
/// something it cannot be combined with.
[[nodiscard]] Result<SideSpec> parse_side_spec(std::string_view text);

/// The text that parse_side_spec() reads as this side: parse(format(s)) == s for every side that it can
/// return. The ground truth is written `truth`, as in the files of earlier versions.
[[nodiscard]] std::string format(const SideSpec& spec);

/// A side in words, for the screen: "current", "ground truth", "Gradient ascent, 4 views". Weights by the
/// name of their file.
[[nodiscard]] std::string side_words(const SideSpec& spec);

}  // namespace lact::app
