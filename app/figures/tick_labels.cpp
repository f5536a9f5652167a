#include "app/figures/tick_labels.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// Empty texts, of ticks without a label, are alike.
bool are_different(const std::vector<std::string>& texts) {
    std::set<std::string_view> seen;
    return std::ranges::all_of(
        texts, [&](const std::string& text) { return text.empty() || seen.insert(text).second; });
}

/// The words that all names begin with, with the space behind them; what follows is never empty.
std::string_view common_words(const std::vector<std::string>& names) {
    std::string_view words = names.front();
    for (std::size_t end = words.rfind(' '); end != std::string_view::npos; end = words.rfind(' ')) {
        words = words.substr(0, end + 1);
        const auto begins = [words](const std::string& name) {
            return name.size() > words.size() && name.starts_with(words);
        };
        if (std::ranges::all_of(names, begins)) {
            return words;
        }
        words.remove_suffix(1);
    }
    return {};
}

/// The number of each tick that is counted, as text: "3" for "layer 3" at place 3. Others are empty. No
/// value: the ticks are not counted, or a number is not that of its place.
std::optional<std::vector<std::string>> counted_ticks(const std::vector<std::string>& names) {
    const std::string_view first = names.front();
    if (!first.ends_with('0')) {
        return std::nullopt;
    }
    const std::string_view words = first.substr(0, first.size() - 1);
    if (!words.empty() && !words.ends_with(' ')) {
        return std::nullopt;
    }
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    std::vector<std::string> numbers(names.size());
    std::size_t found = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!names[i].starts_with(words) ||
            !std::ranges::all_of(std::string_view(names[i]).substr(words.size()), is_digit)) {
            continue;
        }
        numbers[i] = names[i].substr(words.size());
        if (numbers[i] != std::to_string(i)) {
            return std::nullopt;
        }
        ++found;
    }
    return found > 1 ? std::optional(std::move(numbers)) : std::nullopt;
}

/// Whether no text reaches that of the next tick that has one.
bool are_apart(const std::vector<std::string>& texts, double room, const TextWidth& width_of) {
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty()) {
            continue;
        }
        if (last &&
            (width_of(texts[*last]) + width_of(texts[i])) / 2 > static_cast<double>(i - *last) * room) {
            return false;
        }
        last = i;
    }
    return true;
}

/// Clears the numbers that reach the name of a tick without one.
void clear_beside_names(std::vector<std::string>& texts, const std::vector<std::string>& numbers, double room,
                        const TextWidth& width_of) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        for (std::size_t k = 0; numbers[i].empty() && k < texts.size(); ++k) {
            const double distance = room * static_cast<double>(i > k ? i - k : k - i);
            if (!numbers[k].empty() && (width_of(texts[i]) + width_of(numbers[k])) / 2 > distance) {
                texts[k].clear();
            }
        }
    }
}

/// Every n-th number with the smallest n that has room, and the names of the ticks without one, which numbers
/// give way to. The first tick has its number. No value: they do not fit, whatever n.
std::optional<std::vector<std::string>> thinned(const std::vector<std::string>& names,
                                                const std::vector<std::string>& numbers, double room,
                                                const TextWidth& width_of) {
    for (std::size_t decade = 1; decade < names.size(); decade *= 10) {
        for (const std::size_t every : {decade, 2 * decade, 5 * decade}) {
            std::vector<std::string> texts(names.size());
            for (std::size_t i = 0; i < names.size(); ++i) {
                texts[i] = numbers[i].empty() ? names[i] : i % every == 0 ? numbers[i] : std::string();
            }
            if (every > 1) {
                clear_beside_names(texts, numbers, room, width_of);
            }
            if (!texts.front().empty() && are_different(texts) && are_apart(texts, room, width_of)) {
                return texts;
            }
        }
    }
    return std::nullopt;
}

/// Initial letters and numbers of a name up to its first colon or comma.
std::string short_form(std::string_view name) {
    name = name.substr(0, name.find_first_of(":,"));
    std::string text;
    bool in_word = false;
    bool in_character = false;  // One of several bytes, which was taken.
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool continues = (byte & 0xC0U) == 0x80U;
        if (continues) {
            text += in_character ? std::string(1, c) : std::string();
            continue;
        }
        const bool letter = std::isalpha(byte) != 0 || byte >= 0x80U;
        const bool digit = std::isdigit(byte) != 0;
        in_character = letter && !in_word;
        if (digit || in_character) {
            text += c;
        }
        in_word = letter;
    }
    return text;
}

/// a, b, …, z, aa, ab, ….
std::string letter_of(std::size_t index) {
    std::string text(1, static_cast<char>('a' + index % 26));
    return index < 26 ? text : letter_of(index / 26 - 1) + text;
}

constexpr int fewest_digits = 5;
constexpr int all_digits = 17;  ///< No two doubles are the same in these.

/// "0" also for -0.
std::string digits_of_tick(double value, int digits) {
    return value == 0 ? std::string("0") : fmt::format("{:.{}g}", value, digits);
}

}  // namespace

NumberLabels labels_of_round_numbers(const std::vector<double>& ticks) {
    constexpr int most_digits = 8;
    NumberLabels labels;
    int digits = fewest_digits;
    if (ticks.size() > 1) {
        const double largest = std::max(std::abs(ticks.front()), std::abs(ticks.back()));
        const double places =
            1 + std::floor(std::log10(largest)) - std::floor(std::log10(ticks[1] - ticks[0]));
        digits = std::clamp(static_cast<int>(places), fewest_digits, all_digits);
    }
    double subtracted = 0;
    if (digits > most_digits) {
        subtracted = ticks.front();
        labels.shift = fmt::format("{} {:.{}g}", subtracted < 0 ? '+' : '-', std::abs(subtracted), digits);
        digits = fewest_digits;
    }
    for (const double tick : ticks) {
        labels.texts.push_back(digits_of_tick(tick - subtracted, digits));
    }
    return labels;
}

std::vector<std::string> labels_of_numbers(const std::vector<double>& numbers) {
    const std::set<double> different(numbers.begin(), numbers.end());
    std::vector<std::string> texts;
    for (int digits = fewest_digits; digits <= all_digits; ++digits) {
        texts.clear();
        for (const double number : numbers) {
            texts.push_back(digits_of_tick(number, digits));
        }
        if (std::set<std::string>(texts.begin(), texts.end()).size() == different.size()) {
            break;
        }
    }
    return texts;
}

TickLabels tick_labels(const std::vector<std::string>& names, double room, const TextWidth& width_of) {
    if (names.empty()) {
        return {};
    }
    const auto fit = [&](const std::vector<std::string>& texts) {
        return are_different(texts) && std::ranges::all_of(texts, [&](const std::string& text) {
                   return !text.empty() && width_of(text) <= room;
               });
    };
    if (fit(names)) {
        return {names, {}};
    }
    if (const auto numbers = counted_ticks(names)) {
        if (auto texts = thinned(names, *numbers, room, width_of)) {
            return {std::move(*texts), {}};
        }
    }
    const std::size_t common = common_words(names).size();
    std::vector<std::string> brief;
    std::vector<std::string> initials;
    std::vector<std::string> letters;
    for (std::size_t i = 0; i < names.size(); ++i) {
        brief.push_back(names[i].substr(common));
        initials.push_back(short_form(names[i]));
        letters.push_back(letter_of(i));
    }
    if (fit(brief)) {
        return {std::move(brief), {}};
    }
    for (const auto* texts : {&initials, &letters}) {
        if (fit(*texts)) {
            TickLabels labels{*texts, {}};
            for (std::size_t i = 0; i < names.size(); ++i) {
                labels.legend.push_back(fmt::format("{} {}", (*texts)[i], names[i]));
            }
            return labels;
        }
    }
    return {std::vector<std::string>(names.size()), {}};
}

}  // namespace lact::app
