#pragma once

#include "engine/core/error.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <Eigen/Core>
#include <nlohmann/json_fwd.hpp>

namespace lact::app {

/// An argument of a command as the help window and scripts see it.
struct CommandArgument {
    std::string name;
    std::string what;  ///< "path of a scene folder"
    bool required = false;
};

/// An argument of the command type C: its name in scripts, its member, and what it is.
template <class C, class T>
struct Argument {
    const char* name;
    T C::*member;
    const char* what;
};
template <class C, class T>
Argument(const char*, T C::*, const char*) -> Argument<C, T>;

/// What a command, or setting a parameter, touches beyond what is shown. Scripts that come with opened files
/// may only show: for all else the user is asked (script_consent.h).
enum class Effect {
    shows,       ///< Moves the camera, switches rules, shows panels; undone without a trace.
    customizes,  ///< Changes what is the user's own and stays: theme, scale, layout, folder of videos.
    writes,      ///< Writes a file or folder.
    opens,       ///< Reads other files than those that are open.
    starts,      ///< Starts another program.
    ends         ///< Ends the program, or answers a question that is put to the user.
};

/// A command is a plain struct with a static `id` (its name in scripts), what it touches, and, where it has
/// arguments, a static function arguments() that returns a tuple of Argument. Members of type std::optional
/// need not be given. All of them are listed in commands.h.
template <class C>
concept CommandType = requires {
    { C::id } -> std::convertible_to<const char*>;
    { C::effect } -> std::convertible_to<Effect>;
};
template <class C>
concept HasArguments = requires {
    C::arguments();
};

/// The arguments of one command in a script: the only place where JSON becomes a command. Errors name the
/// command, the argument, its value and what is expected.
class ArgumentReader {
  public:
    /// `with` must outlive this. An object.
    ArgumentReader(const nlohmann::json& with, std::string_view command) : with_(&with), command_(command) {}

    [[nodiscard]] Result<void> read(const char* name, std::string& text) const;
    [[nodiscard]] Result<void> read(const char* name, bool& on) const;
    [[nodiscard]] Result<void> read(const char* name, double& number) const;
    [[nodiscard]] Result<void> read(const char* name, std::uint64_t& whole) const;
    [[nodiscard]] Result<void> read(const char* name, std::vector<std::size_t>& indices) const;
    /// Camera to world: 4 rows of 4 numbers.
    [[nodiscard]] Result<void> read(const char* name, Eigen::Matrix4d& pose) const;
    template <class T>
    [[nodiscard]] Result<void> read(const char* name, std::optional<T>& value) const {
        return contains(name) ? read(name, value.emplace()) : Result<void>{};
    }

  private:
    [[nodiscard]] bool contains(const char* name) const;
    [[nodiscard]] Result<void> refuse(const char* name, std::string_view expected) const;

    const nlohmann::json* with_;
    std::string_view command_;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// The arguments of a command type, for the table.
template <CommandType C>
[[nodiscard]] std::vector<CommandArgument> arguments_of() {
    std::vector<CommandArgument> all;
    if constexpr (HasArguments<C>) {
        const auto add = [&]<class T>(const Argument<C, T>& one) {
            all.push_back({one.name, one.what, !is_optional<T>});
        };
        std::apply([&](const auto&... one) { (add(one), ...); }, C::arguments());
    }
    return all;
}

/// A command with the arguments of a script. Errors: those of ArgumentReader.
template <CommandType C>
[[nodiscard]] Result<C> command_from([[maybe_unused]] const ArgumentReader& arguments) {
    C command;
    if constexpr (HasArguments<C>) {
        Result<void> done;
        const auto read = [&](const auto& one) {
            if (done) {
                done = arguments.read(one.name, command.*one.member);
            }
        };
        std::apply([&](const auto&... one) { (read(one), ...); }, C::arguments());
        if (!done) {
            return tl::unexpected<Error>(done.error());
        }
    }
    return command;
}

}  // namespace lact::app
