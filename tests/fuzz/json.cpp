// JSON that people wrote: engine/core/text_file.h, the only entry point, and fields of it.
#include "engine/core/text_file.h"
#include "engine/scene/json_field.h"
#include "tests/fuzz/target.h"

namespace lact::fuzz {
namespace {

int walk_json(const JsonField& field) {
    int bad = field.shown().empty() ? 1 : 0;
    (void)field.number();
    (void)field.text();
    (void)field.at("a");
    if (field.value().is_array()) {
        for (std::size_t i = 0; i < field.value().size(); ++i) {
            bad += walk_json(field.element(i));
        }
    } else if (field.value().is_object()) {
        for (const auto& [key, unused] : field.value().items()) {
            bad += walk_json(*field.find(key));
        }
    }
    return bad;
}

}  // namespace
}  // namespace lact::fuzz

LACT_FUZZ_TARGET(json) {
    const std::string_view text = text_of(data, size);
    const auto path = scratch().file("json", text);
    (void)read_text_file(path);
    (void)parse_json_file(path);
    const auto json = parse_json(text, "json");
    const auto ordered = parse_ordered_json(text, "json");
    if (json.has_value() != ordered.has_value()) {
        return 1;
    }
    if (!json) {
        return 0;
    }
    const auto again = parse_json(dump_json(*json, 1), "again");
    const auto ascii = parse_ordered_json(dump_json(*ordered, -1, true), "again");
    if (!again || !ascii || dump_json(*again) != dump_json(*json)) {
        return 1;
    }
    return walk_json(JsonField(*json, "json", ""));
}
