#pragma once

#include "app/ui/panel.h"

#include <span>
#include <string_view>

namespace lact::app {

/// A term on screen: what it is, and where it is defined.
struct Term {
    const char* name;      ///< "inner loss"
    const char* sentence;  ///< What it is.
    const char* place;     ///< "arXiv 2602.21204, theorem 5.1"; may be empty.
};
/// All terms, by name.
[[nodiscard]] std::span<const Term> glossary();
/// The term of a name; null where there is none.
[[nodiscard]] const Term* find_term(std::string_view name);

/// Terms that a reader of an experiment (Experiment::id) needs; empty for an unknown one.
[[nodiscard]] std::span<const std::string_view> experiment_terms(std::string_view id);

/// Draws a question mark whose tooltip explains these terms of the glossary. Returns whether it is pressed:
/// the caller opens the help window.
[[nodiscard]] bool help_mark(const PanelContext& context, std::span<const std::string_view> names);

}  // namespace lact::app
