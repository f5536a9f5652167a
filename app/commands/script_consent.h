#pragma once

#include "app/commands/controller.h"
#include "app/commands/script.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// Asks the user what scripts of opened files may do. A picture, a video or a session carries a script, and a
/// file from elsewhere must not write, open other files or start programs because it was opened.
class ScriptConsent : private Controller {
  public:
    /// Called with what the script may do.
    using Go = std::function<void(ScriptRights)>;

    explicit ScriptConsent(PanelServices services) : Controller(services) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Calls `go` at once where the script asks for nothing (`requests`, of requests_of()) or nobody is there
    /// to ask, then with ScriptRights::shows and a warning. Otherwise the user is asked once, with the list;
    /// who cancels gets no call. `source`: the file.
    void ask(std::string source, std::vector<std::string> requests, Go go);
    /// Answers for the user: `--allow-writes`.
    void allow(ScriptRights rights) { allowed_ = rights; }
    /// Whether all scripts have these rights without a question.
    [[nodiscard]] bool allows(ScriptRights rights) const { return allowed_ && *allowed_ >= rights; }

  private:
    [[nodiscard]] Result<void> answer(const AnswerConsent& given);

    Go go_;  ///< Of the question in the document.
    std::optional<ScriptRights> allowed_;
};

}  // namespace lact::app
