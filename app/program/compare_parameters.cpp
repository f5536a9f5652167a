// The parameters of the comparison.
#include "app/program/add_parameter.h"
#include "app/program/compare_desk.h"

#include <cstdio>

#include <fmt/format.h>

namespace lact::app {
namespace {

using Json = nlohmann::json;

}  // namespace

Result<void> CompareDesk::fix_pixel(const std::string& text) {
    if (text.empty()) {
        view().compare.pixel.reset();
        return {};
    }
    std::array<int, 2> at{};
    int used = 0;
    if (std::sscanf(text.c_str(), "%d,%d%n", &at[0], &at[1], &used) != 2 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() || at[0] < 0 || at[1] < 0) {
        return fail("compare.pixel", "\"" + text + "\" is not a pixel", "Give x,y from 0: 12,40.");
    }
    view().compare.pixel = at;
    return {};
}

Result<void> CompareDesk::add_parameters(ParameterTable& parameters) {
    const auto side = [&](const char* id, const char* title, const char* tooltip,
                          SideSpec CompareState::*member, const char* initial) {
        return parameters.add({id, title, "Compare", tooltip, always(FreeText{}), initial,
                               [this, member] { return Json(format(view().compare.*member)); },
                               [this, member](const Json& value) -> Result<void> {
                                   // Whether it can be shown depends on what is open: the picture says.
                                   LACT_TRY(view().compare.*member,
                                            parse_side_spec(value.get<std::string>()));
                                   return {};
                               }});
    };
    LACT_CHECK(side("compare.a", "A",
                    "The left side: current, photo, truth, captured, or any of rule=..., "
                    "weights=..., views=..., precision=... with commas between them.",
                    &CompareState::a, "current"));
    LACT_CHECK(side("compare.b", "B", "The right side, in the same words.", &CompareState::b, "views=4"));
    LACT_CHECK(parameters.add({"compare.pixel", "Pixel", "Compare",
                               "Whose values are written under the picture, as x,y at the model's size; "
                               "empty: the one under the pointer.",
                               always(FreeText{}), "",
                               [this] {
                                   const auto& pixel = view().compare.pixel;
                                   return Json(pixel ? fmt::format("{},{}", (*pixel)[0], (*pixel)[1])
                                                     : std::string());
                               },
                               [this](const Json& value) { return fix_pixel(value.get<std::string>()); }}));
    LACT_CHECK(add_look(parameters));
    return add_table(parameters);
}

Result<void> CompareDesk::add_look(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "compare.on", "Compare", "Compare", "Show two sides instead of the model's picture alone.",
        always(Switch{}), false, [this] { return Json(view().compare.on); },
        [this](const Json& value) { view().compare.on = value.get<bool>(); }));
    LACT_CHECK(add(
        "compare.mode", "Mode", "Compare",
        "A wipe with a divider to drag, side by side, the signed difference, the absolute error, or one in "
        "the "
        "other's place.",
        always(Choices{{compare_mode_names.begin(), compare_mode_names.end()}}), "wipe",
        [this] { return Json(std::string(to_string(view().compare.mode))); },
        [this](const Json& value) {
            view().compare.mode = parse_compare_mode(value.get<std::string>()).value_or(CompareMode::wipe);
        }));
    LACT_CHECK(add(
        "compare.divider", "Divider", "Compare", "Share of the picture that is A's in a wipe.",
        always(Numbers{0, 1}), 0.5, [this] { return Json(view().compare.divider); },
        [this](const Json& value) { view().compare.divider = value.get<double>(); }));
    LACT_CHECK(add(
        "compare.amplify", "Amplify", "Compare",
        "Differences of one over this take the last colour; the bar on the picture says which.",
        always(Numbers{0.5, 100}), default_amplify, [this] { return Json(view().compare.amplify); },
        [this](const Json& value) { view().compare.amplify = value.get<double>(); }));
    LACT_CHECK(add(
        "compare.shown", "Shown", "Compare", "Which side is seen in flip mode.", always(Choices{{"A", "B"}}),
        "A", [this] { return Json(view().compare.shows_b ? "B" : "A"); },
        [this](const Json& value) { view().compare.shows_b = value == "B"; }));
    return add(
        "compare.blink", "Blink", "Compare", "Flip mode: A and B by turns.", always(Switch{}), false,
        [this] { return Json(view().compare.blink); },
        [this](const Json& value) { view().compare.blink = value.get<bool>(); });
}

Result<void> CompareDesk::add_table(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "compare.table", "Table", "Compare",
        "Compute the figures of all held-out views while the Compare panel is seen.", always(Switch{}), true,
        [this] { return Json(view().compare.table); },
        [this](const Json& value) { view().compare.table = value.get<bool>(); }));
    Choices columns{{"view"}};
    for (const CompareColumn& column : compare_columns) {
        columns.names.emplace_back(column.name);
    }
    LACT_CHECK(add(
        "compare.sort", "Sorted by", "Compare", "The column the table is sorted by.", always(columns), "view",
        [this] { return Json(view().compare.sort); },
        [this](const Json& value) { view().compare.sort = value.get<std::string>(); }));
    return add(
        "compare.descending", "Descending", "Compare", "The largest first.", always(Switch{}), false,
        [this] { return Json(view().compare.descending); },
        [this](const Json& value) { view().compare.descending = value.get<bool>(); });
}

}  // namespace lact::app
