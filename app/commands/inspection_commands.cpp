#include "app/commands/inspection_commands.h"

#include "app/commands/parameter_table.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace lact::app {

namespace {

const std::vector<std::string> matrix_names = {"w0", "w1", "w2"};
const std::vector<std::string> time_names = {"initial", "updated", "change"};

std::size_t position(const std::vector<std::string>& names, const ParameterValue& value) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), value.get<std::string>()) -
                                    names.begin());
}

Result<void> pin_photo_patch(const PanelServices& services, const std::string& text) {
    if (text.empty()) {
        services.document->selection.pinned_input.reset();
        return {};
    }
    int photo = 0;
    PatchAt at;
    int used = 0;
    if (std::sscanf(text.c_str(), "%d:%d,%d%n", &photo, &at.column, &at.row, &used) !=
            3 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() ||
        photo < 0 || at.column < 0 || at.row < 0) {
        return fail("selection.photo_patch", "\"" + text + "\" is not a patch of a photo",
                    "Give photo:column,row from 0: 12:3,4.");
    }
    const auto inputs =
        services.snapshot->scene ? services.snapshot->scene->inputs : std::vector<std::size_t>{};
    const auto found = std::ranges::find(inputs, static_cast<std::size_t>(photo));
    if (found == inputs.end()) {
        return fail("selection.photo_patch", fmt::format("photo {} is not an input view", photo));
    }
    services.document->selection.pinned_input =
        InputPatch{static_cast<std::size_t>(found - inputs.begin()), at};
    return {};
}

Result<void> pin_patch(const PanelServices& services, const std::string& text) {
    if (text.empty()) {
        services.document->selection.pinned.reset();
        return {};
    }
    PatchAt at;
    int used = 0;
    if (std::sscanf(text.c_str(), "%d,%d%n", &at.column, &at.row, &used) != 2 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() || at.column < 0 || at.row < 0) {
        return fail("selection.patch", "\"" + text + "\" is not a patch", "Give column,row from 0: 3,4.");
    }
    services.document->selection.pinned = at;
    return {};
}

}  // namespace

Result<void> add_matrix_parameters(PanelServices services, ParameterTable& parameters) {
    const AddParameter add{parameters};
    const auto last = [services](bool layers) {
        if (!services.snapshot->weights) {
            return 0;
        }
        return (layers ? services.snapshot->weights->config.layers
                       : services.snapshot->weights->config.ttt_heads()) -
               1;
    };
    LACT_CHECK(add(
        "matrix.layer", "Layer", "Fast weights",
        "The layer that the panels Fast weights and Linear attention show, from 0.", Effect::shows,
        [last] {
            return Domain(WholeNumbers{0, last(true)});
        },
        0, [services] { return ParameterValue(services.document->matrix.layer); },
        [services](const ParameterValue& value) { services.document->matrix.layer = value.get<int>(); }));
    LACT_CHECK(add(
        "matrix.head", "Head", "Fast weights",
        "The head that the panels Fast weights and Linear attention show, from 0.", Effect::shows,
        [last] {
            return Domain(WholeNumbers{0, last(false)});
        },
        0, [services] { return ParameterValue(services.document->matrix.head); },
        [services](const ParameterValue& value) { services.document->matrix.head = value.get<int>(); }));
    LACT_CHECK(add(
        "matrix.which", "Matrix", "Fast weights",
        "The fast-weight matrix of f(x) = (silu(x W0) * (x W2)) W1.", Effect::shows,
        always(Choices{matrix_names}), "w1",
        [services] {
            return ParameterValue(matrix_names[static_cast<std::size_t>(services.document->matrix.which)]);
        },
        [services](const ParameterValue& value) {
            services.document->matrix.which = static_cast<FastMatrix>(position(matrix_names, value));
        }));
    LACT_CHECK(add(
        "matrix.when", "Shown", "Fast weights",
        "The matrix before the update, after it, or the change between the two.", Effect::shows,
        always(Choices{time_names}), "updated",
        [services] {
            return ParameterValue(time_names[static_cast<std::size_t>(services.document->matrix.when)]);
        },
        [services](const ParameterValue& value) {
            services.document->matrix.when = static_cast<MatrixTime>(position(time_names, value));
        }));
    constexpr double largest_range = 1e6;
    return add(
        "matrix.range", "Range", "Fast weights",
        "The largest value of the colours of every matrix, to compare layers and rules; 0: that of each "
        "matrix.",
        Effect::shows, always(Numbers{0, largest_range}), 0.0,
        [services] {
            return ParameterValue(static_cast<double>(services.document->locked_range.value_or(0)));
        },
        [services](const ParameterValue& value) {
            const auto range = value.get<float>();
            services.document->locked_range = range > 0 ? std::optional(range) : std::nullopt;
        });
}

Result<void> add_inspection_parameters(PanelServices services, ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "weights.mode", "View mode", "Fast weights",
        "The matrix as a heat map, its spectrum, all layers, the token rates, or the state after each photo.",
        Effect::shows, always(Choices{{"map", "spectrum", "layers", "rates", "timeline"}}), "map",
        [services] { return ParameterValue(services.document->weights_mode); },
        [services](const ParameterValue& value) {
            services.document->weights_mode = value.get<std::string>();
        }));
    LACT_CHECK(add(
        "weights.views", "Photos so far", "Fast weights",
        "Number of input photos in the state that the timeline shows.", Effect::shows,
        [services] {
            const auto count = services.snapshot->scene ? services.snapshot->scene->inputs.size() : 1;
            return Domain(WholeNumbers{1, static_cast<long long>(count)});
        },
        1,
        [services] {
            const auto& scene = services.snapshot->scene;
            const std::size_t count = scene ? std::max<std::size_t>(scene->inputs.size(), 1) : 1;
            return ParameterValue(std::min(services.document->timeline_views, count));
        },
        [services](const ParameterValue& value) {
            services.document->timeline_views = value.get<std::size_t>();
        }));
    LACT_CHECK(add(
        "linear.matrices", "Matrices", "Linear attention",
        "Matrices of the linear-attention form: the state beside W1, the state before the update and what "
        "the photos add, keys and values, or the gradient before and after Muon.",
        Effect::shows, always(Choices{{"state", "change", "keys", "muon"}}), "state",
        [services] { return ParameterValue(services.document->linear_matrices); },
        [services](const ParameterValue& value) {
            services.document->linear_matrices = value.get<std::string>();
        }));
    LACT_CHECK(add(
        "linear.w1", "W1 beside S", "Linear attention",
        "The W1 that is shown beside S: as it runs (Newton-Schulz in the precision of the rule), or "
        "recomputed from the recorded inputs in fp64, where it equals S up to rounding.",
        Effect::shows, always(Choices{{"running", "recomputed"}}), "running",
        [services] { return ParameterValue(services.document->recomputed_w1 ? "recomputed" : "running"); },
        [services](const ParameterValue& value) {
            services.document->recomputed_w1 = value.get<std::string>() == "recomputed";
        }));
    LACT_CHECK(add(
        "linear.factor", "Muon factor", "Linear attention",
        "The factor of Muon goes to the values (right) or to the keys (left). Both forms are exact; their "
        "attention maps differ.",
        Effect::shows, always(Choices{{"value", "key"}}), "value",
        [services] {
            return ParameterValue(services.document->attention.factor == MuonFactor::right ? "value" : "key");
        },
        [services](const ParameterValue& value) {
            services.document->attention.factor =
                value.get<std::string>() == "value" ? MuonFactor::right : MuonFactor::left;
        }));
    LACT_CHECK(add(
        "attention.shares", "Shares of", "Linear attention",
        "Shares of what is particular to a patch (centred: the output minus its mean over all patches of the "
        "view), or of the whole output, most of which can be that mean.",
        Effect::shows, always(Choices{{"centred", "output"}}), "centred",
        [services] { return ParameterValue(std::string(to_string(services.document->attention.of))); },
        [services](const ParameterValue& value) {
            services.document->attention.of =
                value.get<std::string>() == "centred" ? ShareOf::centred : ShareOf::output;
        }));
    LACT_CHECK(add(
        "linear.heads", "Heads", "Linear attention",
        "Attention of the selected layer and head, or of all of them as a contact sheet.", Effect::shows,
        always(Choices{{"one", "all"}}), "one",
        [services] { return ParameterValue(services.document->all_heads ? "all" : "one"); },
        [services](const ParameterValue& value) {
            services.document->all_heads = value.get<std::string>() == "all";
        }));
    LACT_CHECK(add(
        "linear.without", "Without a photo", "Linear attention",
        "Show how the rendering changes without this input photo (state rebuilt without it); -1: off.",
        Effect::shows,
        [services] {
            const auto count = services.snapshot->scene ? services.snapshot->scene->views.size() : 1;
            return Domain(WholeNumbers{-1, static_cast<long long>(count) - 1});
        },
        -1,
        [services] {
            return ParameterValue(services.document->without_photo
                                      ? static_cast<long long>(*services.document->without_photo)
                                      : -1);
        },
        [services](const ParameterValue& value) {
            services.document->without_photo =
                value.get<long long>() < 0 ? std::nullopt : std::optional(value.get<std::size_t>());
        }));
    LACT_CHECK(parameters.add(
        {"selection.photo_patch", "Pinned patch of a photo", "Linear attention",
         "Patch of an input photo whose key, value and reads are shown, as photo:column,row; empty: the "
         "patch under the pointer.",
         Effect::shows, always(FreeText{}), "",
         [services] {
             const auto& pinned = services.document->selection.pinned_input;
             return ParameterValue(
                 pinned && services.snapshot->scene && pinned->input < services.snapshot->scene->inputs.size()
                     ? fmt::format("{}:{},{}", services.snapshot->scene->inputs[pinned->input],
                                   pinned->at.column, pinned->at.row)
                     : std::string());
         },
         [services](const ParameterValue& value) {
             return pin_photo_patch(services, value.get<std::string>());
         }}));
    LACT_CHECK(parameters.add(
        {"selection.patch", "Pinned patch", "Linear attention",
         "Patch of the view whose attention is shown, as column,row; empty: the patch under the pointer.",
         Effect::shows, always(FreeText{}), "",
         [services] {
             const auto& pinned = services.document->selection.pinned;
             return ParameterValue(pinned ? fmt::format("{},{}", pinned->column, pinned->row)
                                          : std::string());
         },
         [services](const ParameterValue& value) { return pin_patch(services, value.get<std::string>()); }}));
    return {};
}

// The terms of the formulae: for each one its panel and the parameters that show it.
namespace {

struct FormulaLink {
    const char* what;
    const char* panel;
    std::vector<std::pair<const char*, const char*>> set;  ///< Parameters by id.
};

const std::vector<FormulaLink>& formula_links() {
    static const std::vector<FormulaLink> all = {
        {"w0", "Fast weights", {{"weights.mode", "map"}, {"matrix.which", "w0"}, {"matrix.when", "updated"}}},
        {"w1", "Fast weights", {{"weights.mode", "map"}, {"matrix.which", "w1"}, {"matrix.when", "updated"}}},
        {"w2", "Fast weights", {{"weights.mode", "map"}, {"matrix.which", "w2"}, {"matrix.when", "updated"}}},
        {"rates", "Fast weights", {{"weights.mode", "rates"}, {"matrix.which", "w1"}}},
        {"spectrum", "Fast weights", {{"weights.mode", "spectrum"}, {"matrix.which", "w1"}}},
        {"keys", "Linear attention", {{"linear.matrices", "keys"}}},
        {"values", "Linear attention", {{"linear.matrices", "keys"}}},
        {"gradient", "Linear attention", {{"linear.matrices", "muon"}}},
        {"muon", "Linear attention", {{"linear.matrices", "muon"}}},
        {"change", "Linear attention", {{"linear.matrices", "change"}}},
        {"state", "Linear attention", {{"linear.matrices", "state"}}},
        {"attention", "Linear attention", {{"linear.heads", "one"}}},
    };
    return all;
}

}  // namespace

Result<void> add_pin_commands(PanelServices services, CommandTable& commands) {
    return commands.add<ClearPins>(
        {"Unpin", "", "Remove the pins of patches of the view and of photos (Esc).", "View"},
        [services]() -> std::string {
            const Selection& selection = services.document->selection;
            return selection.pinned || selection.pinned_input ? "" : "Nothing is pinned.";
        },
        [services] {
            services.document->selection.pinned.reset();
            services.document->selection.pinned_input.reset();
        });
}

Result<void> add_formula_links(CommandTable& commands, const ParameterTable& parameters) {
    return commands.add<ShowTerm>(
        {"Show a term of the formulae", "", "Bring the panel to the front that shows this term.", "View"}, {},
        [&commands, &parameters](const ShowTerm& term) -> Result<void> {
            const auto found = std::ranges::find_if(
                formula_links(), [&](const FormulaLink& link) { return term.what == link.what; });
            if (found == formula_links().end()) {
                return fail(ShowTerm::id, fmt::format("'{}' is not known", term.what),
                            "The help window (F1) lists the terms.");
            }
            for (const auto& [id, value] : found->set) {
                LACT_CHECK(parameters.set(id, value));
            }
            return commands.run(ShowPanel{found->panel});
        });
}

namespace {

/// "column,row", or empty for none.
Result<std::optional<std::array<int, 2>>> parse_position(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    std::array<int, 2> at{};
    int used = 0;
    if (std::sscanf(text.c_str(), "%d,%d%n", &at[0], &at[1], &used) != 2 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() || at[0] < 0 || at[1] < 0) {
        return fail("sequence.position", "\"" + text + "\" is not a position",
                    "Give column,row from 0: 3,4.");
    }
    return at;
}

}  // namespace

Result<void> add_sequence_parameters(SequenceView& view, CommandTable& commands, ParameterTable& parameters) {
    const AddParameter add{parameters};
    constexpr const char* group = "Sequence";
    LACT_CHECK(add(
        "sequence.mode", "View mode", group,
        "Random tokens, throughput, or an image through the modules of ViTTT.", Effect::shows,
        always(Choices{{"tokens", "speed", "picture"}}), view.mode,
        [&view] { return ParameterValue(view.mode); },
        [&view](const ParameterValue& value) { view.mode = value.get<std::string>(); }));
    LACT_CHECK(add(
        "sequence.variant", "Rule", group,
        "Row of table 2 of the paper: 0 is the baseline, 1 to 6 are the variants.", Effect::shows,
        always(WholeNumbers{0, table2_rows - 1}), view.options.row,
        [&view] { return ParameterValue(view.options.row); },
        [&view](const ParameterValue& value) { view.options.row = value.get<int>(); }));
    LACT_CHECK(add(
        "sequence.tokens", "Tokens", group, "Length of the random sequence, in tokens.", Effect::shows,
        always(WholeNumbers{1, 1024}), view.options.tokens,
        [&view] { return ParameterValue(view.options.tokens); },
        [&view](const ParameterValue& value) { view.options.tokens = value.get<std::int64_t>(); }));
    LACT_CHECK(add(
        "sequence.chunk", "Chunk", group, "Tokens in one update.", Effect::shows,
        always(WholeNumbers{4, 256}), view.options.chunk,
        [&view] { return ParameterValue(view.options.chunk); },
        [&view](const ParameterValue& value) { view.options.chunk = value.get<std::int64_t>(); }));
    LACT_CHECK(add(
        "sequence.momentum", "Momentum", group, "Mean share of the last momentum buffer that a chunk keeps.",
        Effect::shows, always(Numbers{0.01, 0.99}), view.options.momentum,
        [&view] { return ParameterValue(view.options.momentum); },
        [&view](const ParameterValue& value) { view.options.momentum = value.get<double>(); }));
    LACT_CHECK(add(
        "sequence.muon", "Muon", group,
        "Newton-Schulz iterations on every momentum buffer, where the rule has them.", Effect::shows,
        always(Switch{}), view.options.muon, [&view] { return ParameterValue(view.options.muon); },
        [&view](const ParameterValue& value) { view.options.muon = value.get<bool>(); }));
    LACT_CHECK(add(
        "sequence.update_first", "Update first", group,
        "Every chunk reads after its own update; off: before it.", Effect::shows, always(Switch{}),
        view.options.update_first, [&view] { return ParameterValue(view.options.update_first); },
        [&view](const ParameterValue& value) { view.options.update_first = value.get<bool>(); }));
    LACT_CHECK(add(
        "sequence.image", "Image", group, "Image file for the modules of ViTTT; empty: a generated image.",
        Effect::opens, always(FreeText{}), "", [&view] { return ParameterValue(view.image); },
        [&view](const ParameterValue& value) { view.image = value.get<std::string>(); }));
    LACT_CHECK(add(
        "sequence.rotary", "Rotary positions", group, "Rotary position embedding in the GLU of ViTTT.",
        Effect::shows, always(Switch{}), view.rotary, [&view] { return ParameterValue(view.rotary); },
        [&view](const ParameterValue& value) { view.rotary = value.get<bool>(); }));
    LACT_CHECK(parameters.add(
        {"sequence.position", "Pinned position", group,
         "Position in the image whose attention is shown, as column,row; empty: the one under the pointer.",
         Effect::shows, always(FreeText{}), "",
         [&view] {
             return ParameterValue(view.pinned ? fmt::format("{},{}", (*view.pinned)[0], (*view.pinned)[1])
                                               : std::string());
         },
         [&view](const ParameterValue& value) -> Result<void> {
             LACT_TRY(view.pinned, parse_position(value.get<std::string>()));
             return {};
         }}));
    return commands.add<MeasureSequence>({"Measure the sequence layer", "",
                                          "Measure the throughput of the recurrence and of the parallel form "
                                          "on this machine, for the Sequence panel.",
                                          "View"},
                                         {}, [&view] { ++view.measurement; });
}

}  // namespace lact::app
