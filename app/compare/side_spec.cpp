#include "app/compare/side_spec.h"

#include "app/platform/assets.h"
#include "engine/core/counted.h"
#include "engine/core/printable.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

/// The first name of a kind is the one that format() writes: files have it.
constexpr std::array<std::pair<std::string_view, SideKind>, 4> images{
    {{"photo", SideKind::photo},
     {"truth", SideKind::ground_truth},
     {"ground-truth", SideKind::ground_truth},
     {"captured", SideKind::captured}}};
constexpr std::array<std::string_view, 5> keys{"rule", "weights", "views", "precision", "form"};
constexpr std::string_view hint =
    "A side is 'current', 'photo', 'ground-truth', 'captured', or any of rule=..., weights=..., views=..., "
    "precision=..., form=ttt|linear with commas between them.";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\n");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

/// "rule" of "rule=mse"; empty where the text begins no part of a side.
std::string_view part_begun_by(std::string_view piece) {
    piece = trimmed(piece);
    const std::string_view name = trimmed(piece.substr(0, piece.find('=')));
    if (piece.find('=') != std::string_view::npos) {
        return std::ranges::find(keys, name) != keys.end() ? name : std::string_view{};
    }
    const bool known =
        name == "current" || std::ranges::any_of(images, [&](const auto& one) { return one.first == name; });
    return known ? name : std::string_view{};
}

struct Part {
    std::string_view name;
    std::string value;
    bool has_value = false;
};

/// Position of the next comma that is not written `\,`.
std::size_t next_comma(std::string_view text, std::size_t from) {
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == ',') {
            return i;
        }
    }
    return std::string_view::npos;
}

Result<std::vector<Part>> split(std::string_view text) {
    std::vector<Part> parts;
    std::size_t from = 0;
    while (from <= text.size()) {
        const std::size_t comma = std::min(next_comma(text, from), text.size());
        const std::string_view piece = text.substr(from, comma - from);
        if (const std::string_view name = part_begun_by(piece); !name.empty()) {
            const auto equals = piece.find('=');
            const bool has_value = equals != std::string_view::npos;
            parts.push_back(
                {name, std::string(has_value ? trimmed(piece.substr(equals + 1)) : ""), has_value});
        } else if (!parts.empty() && parts.back().has_value) {
            parts.back().value += ',' + std::string(trimmed(piece));
        } else {
            return fail("side", fmt::format("'{}' is not known", trimmed(piece)), std::string(hint));
        }
        from = comma + 1;
    }
    return parts;
}

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ',' || text[i + 1] == '\\')) {
            ++i;
        }
        plain += text[i];
    }
    return plain;
}

std::string escaped(std::string_view path) {
    std::string text;
    for (const char c : path) {
        if (c == ',' || c == '\\') {
            text += '\\';
        }
        text += c;
    }
    return text;
}

Result<void> read_views(const std::string& text, SideSpec& spec) {
    std::string_view list = text;
    const bool bracketed = list.size() >= 2 && list.front() == '[' && list.back() == ']';
    if (bracketed) {
        list = list.substr(1, list.size() - 2);
    }
    std::vector<std::size_t> views;
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t comma = std::min(list.find(',', from), list.size());
        const std::string_view number = trimmed(list.substr(from, comma - from));
        std::size_t view = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), view);
        if (error != std::errc{} || end != number.data() + number.size()) {
            return fail("side, views", fmt::format("'{}' is not a number of views or a list", text),
                        "Use views=4 (so many, spread) or views=0,8,28 (these).");
        }
        views.push_back(view);
        from = comma + 1;
    }
    if (views.size() > 1 || bracketed) {
        for (auto view = views.begin(); view != views.end(); ++view) {
            if (std::find(std::next(view), views.end(), *view) != views.end()) {
                return fail("side, views", fmt::format("view {} is given twice", *view));
            }
        }
        spec.views = std::move(views);
    } else if (views.front() == 0) {
        return fail("side, views", "no input view is left", "Use at least one, or views=[0] for view 0.");
    } else {
        spec.view_count = views.front();
    }
    return {};
}

Result<void> read(const Part& part, SideSpec& spec) {
    if (part.has_value && part.value.empty()) {
        return fail("side", fmt::format("{}= has no value", part.name), std::string(hint));
    }
    if (part.name == "rule") {
        LACT_TRY(spec.rule, parse_update_rule(part.value));
        spec.rule_names_precision = part.value.find("ns=") != std::string::npos;
    } else if (part.name == "weights") {
        spec.weights = unescaped(part.value);
        if (spec.weights->starts_with(asset_scheme)) {
            LACT_TRY(const auto asset, find_asset(spec.weights->substr(asset_scheme.size())));
            spec.weights = asset.string();
        }
    } else if (part.name == "precision") {
        LACT_TRY(spec.precision, parse_precision(part.value));
    } else if (part.name == "form") {
        LACT_TRY(spec.form, parse_layer_form(part.value));
        if (*spec.form != LayerForm::ttt && *spec.form != LayerForm::linear) {
            return fail("side, form", fmt::format("'{}' is not a form of a side", part.value),
                        "Use form=ttt (test-time training) or form=linear (linear attention).");
        }
    } else if (part.name == "views") {
        return read_views(part.value, spec);
    } else {
        for (const auto& [name, kind] : images) {
            spec.kind = part.name == name ? kind : spec.kind;
        }
    }
    return {};
}

std::string_view name_of(SideKind kind) {
    for (const auto& [name, value] : images) {
        if (value == kind) {
            return name;
        }
    }
    return "current";
}

}  // namespace

bool SideSpec::is_current() const {
    return *this == SideSpec{};
}

Result<SideSpec> parse_side_spec(std::string_view text) {
    if (trimmed(text).empty()) {
        return fail("side", "is empty", std::string(hint));
    }
    LACT_TRY(const std::vector<Part> parts, split(text));
    SideSpec spec;
    for (const Part& part : parts) {
        if (std::ranges::count(parts, part.name, &Part::name) > 1) {
            return fail("side", fmt::format("{} is given twice", part.name));
        }
        if (!part.has_value && parts.size() > 1) {
            const std::string_view other = parts[&part == parts.data() ? 1 : 0].name;
            return fail(
                "side",
                part.name == "current"
                    ? fmt::format("current is what is open with nothing changed, and {} changes it", other)
                    : fmt::format("{} is an image that no model renders: {} has no meaning for it", part.name,
                                  other),
                fmt::format("Use {} alone, or leave it out.", part.name));
        }
        LACT_CHECK(read(part, spec));
    }
    return spec;
}

std::string format(const SideSpec& spec) {
    if (spec.kind != SideKind::model || spec.is_current()) {
        return std::string(name_of(spec.kind));
    }
    std::vector<std::string> parts;
    if (spec.rule) {
        std::string rule = lact::format(*spec.rule);
        if (spec.rule_names_precision && rule.find("ns=") == std::string::npos) {
            rule += fmt::format(",ns={}", to_string(spec.rule->ns_precision));
        }
        parts.push_back("rule=" + rule);
    }
    if (spec.weights) {
        // A comparison with bundled weights opens on another machine, too.
        parts.push_back("weights=" + escaped(asset_name(*spec.weights).value_or(*spec.weights)));
    }
    if (spec.view_count) {
        parts.push_back(fmt::format("views={}", *spec.view_count));
    }
    if (spec.views) {
        parts.push_back(spec.views->size() == 1 ? fmt::format("views=[{}]", spec.views->front())
                                                : fmt::format("views={}", fmt::join(*spec.views, ",")));
    }
    if (spec.precision) {
        parts.push_back(fmt::format("precision={}", to_string(*spec.precision)));
    }
    if (spec.form) {
        parts.push_back(fmt::format("form={}", to_string(*spec.form)));
    }
    return fmt::format("{}", fmt::join(parts, ","));
}

std::string side_words(const SideSpec& spec) {
    switch (spec.kind) {
        case SideKind::photo:
            return "photo";
        case SideKind::ground_truth:
            return "ground truth";
        case SideKind::captured:
            return "frozen image";
        case SideKind::model:
            break;
    }
    if (spec.is_current()) {
        return "current";
    }
    std::vector<std::string> words;
    if (spec.rule) {
        words.push_back(rule_label(*spec.rule));
    }
    if (spec.weights) {
        words.push_back(printable_line(std::filesystem::path(*spec.weights).stem().string()));
    }
    if (spec.view_count || spec.views) {
        const std::size_t views = spec.views ? spec.views->size() : *spec.view_count;
        words.push_back(counted(views, "view"));
    }
    if (spec.precision) {
        words.emplace_back(to_string(*spec.precision));
    }
    if (spec.form) {
        words.emplace_back(*spec.form == LayerForm::linear ? "by linear attention" : "by the TTT step");
    }
    return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace lact::app
