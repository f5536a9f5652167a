#include "app/commands/script_consent.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

void ScriptConsent::ask(std::string source, std::vector<std::string> requests, Go go) {
    if (requests.empty() || allowed_) {
        go(requests.empty() ? ScriptRights::all : *allowed_);
        return;
    }
    if (!document().user_present) {
        services_.dispatch->log().say(
            Severity::warning,
            fmt::format(
                "its script asks for more than to show something; left out: {}. --allow-writes allows it",
                fmt::join(requests, "; ")),
            std::move(source));
        go(ScriptRights::shows);
        return;
    }
    go_ = std::move(go);
    document().consent = ConsentQuestion{std::move(source), std::move(requests)};
}

Result<void> ScriptConsent::answer(const AnswerConsent& given) {
    if (document().script_acts) {
        return fail(AnswerConsent::id, "only the user answers this, never a script");
    }
    if (given.answer != "allow" && given.answer != "without" && given.answer != "cancel") {
        return fail(AnswerConsent::id, fmt::format("'{}' is no answer", given.answer),
                    "Give allow, without or cancel.");
    }
    document().consent.reset();
    const Go go = std::exchange(go_, {});
    if (go && given.answer != "cancel") {
        go(given.answer == "allow" ? ScriptRights::all : ScriptRights::shows);
    }
    return {};
}

Result<void> ScriptConsent::add_commands(CommandTable& commands) {
    return commands.add<AnswerConsent>(
        {"Answer what a script may do", "", "Allow what the script of an opened file asks for, or not.",
         "Record"},
        [this] { return document().consent ? std::string() : std::string("Nothing is asked."); },
        [this](const AnswerConsent& given) { return answer(given); });
}

}  // namespace lact::app
