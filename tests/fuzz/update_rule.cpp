// The text of an update rule: engine/ttt/update_rule.h.
#include "engine/ttt/update_rule.h"

#include "engine/ttt/rule_schema.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(update_rule) {
    const std::string_view text = text_of(data, size);
    const std::size_t equals = std::min(text.find('='), text.size());
    UpdateRule changed;
    (void)set_from_text(changed, text.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
    (void)parse_ns_precision(text);
    const auto rule = parse_update_rule(text);
    if (!rule) {
        return rule.error().what.empty() ? 1 : 0;
    }
    auto again = parse_update_rule(format(*rule));
    if (again && !rule->orthogonalize) {
        again->ns_steps = rule->ns_steps;  // Without effect, and not written.
    }
    return again && *again == *rule && validate(*rule).empty() && !rule_label(*rule).empty() ? 0 : 1;
}
