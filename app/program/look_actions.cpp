// Showing what a term of the formulae stands for: one action, a table of panels and parameters.
#include "app/program/look_actions.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {
namespace {

struct ParameterValue {
    const char* id;
    const char* value;
};
struct Look {
    const char* what;
    const char* panel;
    std::vector<ParameterValue> set;
};

const std::vector<Look>& looks() {
    static const std::vector<Look> all = {
        {"w0", "Fast weights", {{"weights.look", "map"}, {"matrix.which", "w0"}, {"matrix.when", "updated"}}},
        {"w1", "Fast weights", {{"weights.look", "map"}, {"matrix.which", "w1"}, {"matrix.when", "updated"}}},
        {"w2", "Fast weights", {{"weights.look", "map"}, {"matrix.which", "w2"}, {"matrix.when", "updated"}}},
        {"rates", "Fast weights", {{"weights.look", "rates"}, {"matrix.which", "w1"}}},
        {"spectrum", "Fast weights", {{"weights.look", "spectrum"}, {"matrix.which", "w1"}}},
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

Result<void> add_look_actions(ActionTable& actions, const ParameterTable& parameters) {
    return actions.add(
        {"look.at",
         "Show a part of the formulae",
         "",
         "Bring the panel forward that shows what a term stands for.",
         "View",
         {{"what", "w0, w1, w2, rates, spectrum, keys, values, gradient, muon, change, state, attention",
           true}},
         {},
         [&actions, &parameters](const nlohmann::json& with) -> Result<void> {
             const auto& what = with.at("what");
             const auto found = std::ranges::find_if(
                 looks(), [&](const Look& look) { return what.is_string() && what == look.what; });
             if (found == looks().end()) {
                 return fail("look.at", fmt::format("{} is not known", what.dump()),
                             "See the help for names.");
             }
             for (const auto& [id, value] : found->set) {
                 LACT_CHECK(parameters.set(id, value));
             }
             return actions.run("panel.show", {{"panel", found->panel}});
         }});
}

}  // namespace lact::app
