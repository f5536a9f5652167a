#include "app/commands/command_table.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

constexpr int per_letter = 10;
constexpr int word_start = 15;
constexpr int unbroken = 18;
constexpr int skipped = -1;
constexpr int none = -1'000'000;

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool starts_word(std::string_view text, std::size_t i) {
    return i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0;
}

/// Best score of `word` as a subsequence; `none` where it is not one. best[i]: of the letters so far with the
/// last one at text[i].
int word_score(std::string_view text, std::string_view word) {
    std::vector<int> best(text.size(), none);
    for (std::size_t w = 0; w < word.size(); ++w) {
        std::vector<int> next(text.size(), none);
        int reach = w == 0 ? 0 : none;  // best of any earlier position, less what was skipped since
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (lower(text[i]) == lower(word[w])) {
                int before = reach;
                if (w > 0 && i > 0 && best[i - 1] > none) {
                    before = std::max(before, best[i - 1] + unbroken);
                }
                if (before > none) {
                    next[i] = before + per_letter + (starts_word(text, i) ? word_start : 0);
                }
            }
            if (w > 0) {
                reach = std::max(reach > none ? reach + skipped : none, best[i]);
            }
        }
        best = std::move(next);
    }
    int score = none;
    for (const int one : best) {
        score = std::max(score, one);
    }
    return score;
}

}  // namespace

std::optional<int> fuzzy_score(std::string_view text, std::string_view query) {
    int total = 0;
    std::size_t at = 0;
    while (at < query.size()) {
        const auto end = std::min(query.find(' ', at), query.size());
        if (end > at) {
            const int score = word_score(text, query.substr(at, end - at));
            if (score <= none) {
                return std::nullopt;
            }
            total += score;
        }
        at = end + 1;
    }
    return total;
}

namespace {

/// "the action scene.open", for messages.
std::string called(std::string_view id) {
    return fmt::format("action '{}'", id);
}

Result<void> check_complete(const Command& command) {
    if (!is_table_id(command.id)) {
        return fail(called(command.id), "the id is not made of letters, digits, '.', '-' and '_'");
    }
    if (command.title.empty() || command.tooltip.empty() || command.group.empty() || !command.run) {
        return fail(called(command.id), "it needs a title, a tooltip, a group and a function");
    }
    return {};
}

}  // namespace

bool is_table_id(std::string_view id) {
    return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    });
}

Result<void> CommandTable::add(Command command) {
    LACT_CHECK(check_complete(command));
    if (find(command.id) != nullptr) {
        return fail(called(command.id), "there is already an action of this id");
    }
    KeyChord chord;
    if (!command.key.empty()) {
        auto parsed = parse_key_chord(command.key);
        if (!parsed) {
            parsed.error().where = called(command.id) + ": " + parsed.error().where;
            return tl::unexpected<Error>(std::move(parsed.error()));
        }
        chord = *parsed;
        if (const Command* other = by_key(chord); other != nullptr) {
            return fail(called(command.id),
                        fmt::format("the key {} belongs to '{}' already", format(chord), other->id));
        }
        command.key = format(chord);
    }
    commands_.push_back(std::move(command));
    chords_.push_back(std::move(chord));
    return {};
}

const Command* CommandTable::find(std::string_view id) const {
    const auto found =
        std::find_if(commands_.begin(), commands_.end(), [&](const Command& one) { return one.id == id; });
    return found == commands_.end() ? nullptr : &*found;
}

const Command* CommandTable::by_key(const KeyChord& chord) const {
    if (chord.key.empty()) {
        return nullptr;
    }
    const auto found = std::find(chords_.begin(), chords_.end(), chord);
    return found == chords_.end() ? nullptr : &commands_[static_cast<std::size_t>(found - chords_.begin())];
}

std::vector<const Command*> CommandTable::search(std::string_view query) const {
    return search_table(commands_, query);
}

Result<void> CommandTable::check(std::string_view id, const nlohmann::json& with) const {
    const Command* command = find(id);
    if (command == nullptr) {
        const auto near = search(id);
        return fail(called(id), "there is no such action",
                    near.empty() ? std::string() : fmt::format("Did you mean '{}'?", near.front()->id));
    }
    if (!with.is_object()) {
        return fail(called(id), "its parameters are not an object");
    }
    for (const auto& [name, value] : with.items()) {
        const bool known =
            std::any_of(command->arguments.begin(), command->arguments.end(),
                        [&name = name](const CommandArgument& one) { return one.name == name; });
        if (!known) {
            return fail(called(id), fmt::format("it takes no parameter '{}'", name));
        }
    }
    for (const CommandArgument& argument : command->arguments) {
        if (argument.required && !with.contains(argument.name)) {
            return fail(called(id),
                        fmt::format("the parameter '{}' ({}) is missing", argument.name, argument.what));
        }
    }
    return {};
}

Result<void> CommandTable::run(std::string_view id, const nlohmann::json& with) const {
    LACT_CHECK(check(id, with));
    const Command& command = *find(id);
    if (command.disabled_because) {
        if (auto reason = command.disabled_because(); !reason.empty()) {
            return fail(called(id), std::move(reason));
        }
    }
    try {
        return command.run(with);
    } catch (const nlohmann::json::exception& problem) {
        return fail(called(id), fmt::format("{} is not what it takes: {}", with.dump(), problem.what()),
                    "The help window (F1) says what each argument is.");
    }
}

Result<void> CommandTable::run(std::string_view id) const {
    return run(id, nlohmann::json::object());
}

}  // namespace lact::app
