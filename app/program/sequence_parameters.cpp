// The sequence panel's parameters and its action.
#include "app/program/sequence_parameters.h"

#include "app/program/add_parameter.h"

#include <cstdio>

#include <fmt/format.h>

namespace lact::app {
namespace {

using Json = nlohmann::json;

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

Result<void> add_sequence_parameters(SequenceView& view, ActionTable& actions, ParameterTable& parameters) {
    const AddParameter add{parameters};
    constexpr const char* group = "Sequence";
    LACT_CHECK(add(
        "sequence.look", "Look", group, "Random tokens, throughput, or a picture through ViTTT's modules.",
        always(Choices{{"tokens", "speed", "picture"}}), view.look, [&view] { return Json(view.look); },
        [&view](const Json& value) { view.look = value.get<std::string>(); }));
    LACT_CHECK(add(
        "sequence.variant", "Rule", group, "Row of table 2: 0 is the baseline, 1 to 6 the variants.",
        always(WholeNumbers{0, table2_rows - 1}), view.options.row,
        [&view] { return Json(view.options.row); },
        [&view](const Json& value) { view.options.row = value.get<int>(); }));
    LACT_CHECK(add(
        "sequence.tokens", "Tokens", group, "Length of the random sequence.", always(WholeNumbers{1, 1024}),
        view.options.tokens, [&view] { return Json(view.options.tokens); },
        [&view](const Json& value) { view.options.tokens = value.get<std::int64_t>(); }));
    LACT_CHECK(add(
        "sequence.chunk", "Chunk", group, "Tokens that are learned at once.", always(WholeNumbers{4, 256}),
        view.options.chunk, [&view] { return Json(view.options.chunk); },
        [&view](const Json& value) { view.options.chunk = value.get<std::int64_t>(); }));
    LACT_CHECK(add(
        "sequence.momentum", "Momentum", group, "About how much of the last buffer each chunk keeps.",
        always(Numbers{0.01, 0.99}), view.options.momentum, [&view] { return Json(view.options.momentum); },
        [&view](const Json& value) { view.options.momentum = value.get<double>(); }));
    LACT_CHECK(add(
        "sequence.muon", "Muon", group, "Newton-Schulz on every momentum buffer, where the rule has it.",
        always(Switch{}), view.options.muon, [&view] { return Json(view.options.muon); },
        [&view](const Json& value) { view.options.muon = value.get<bool>(); }));
    LACT_CHECK(add(
        "sequence.update_first", "Update first", group, "Off: every chunk reads before its own update.",
        always(Switch{}), view.options.update_first, [&view] { return Json(view.options.update_first); },
        [&view](const Json& value) { view.options.update_first = value.get<bool>(); }));
    LACT_CHECK(add(
        "sequence.image", "Picture", group, "Picture file for ViTTT's modules; empty: a generated one.",
        always(FreeText{}), "", [&view] { return Json(view.image); },
        [&view](const Json& value) { view.image = value.get<std::string>(); }));
    LACT_CHECK(add(
        "sequence.rotary", "Rotary positions", group, "In ViTTT's GLU.", always(Switch{}), view.rotary,
        [&view] { return Json(view.rotary); },
        [&view](const Json& value) { view.rotary = value.get<bool>(); }));
    LACT_CHECK(parameters.add(
        {"sequence.position", "Pinned position", group,
         "Position of the picture whose attention is shown, as column,row; empty: the one under the pointer.",
         always(FreeText{}), "",
         [&view] {
             return Json(view.pinned ? fmt::format("{},{}", (*view.pinned)[0], (*view.pinned)[1])
                                     : std::string());
         },
         [&view](const Json& value) -> Result<void> {
             LACT_TRY(view.pinned, parse_position(value.get<std::string>()));
             return {};
         }}));
    return actions.add({"sequence.measure",
                        "Measure the sequence layer",
                        "",
                        "Time the recurrence and the parallel form on this machine, for the Sequence panel.",
                        "View",
                        {},
                        {},
                        [&view](const Json&) -> Result<void> {
                            ++view.measurement;
                            return {};
                        }});
}

}  // namespace lact::app
