#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace lact::test {

/// Sets an environment variable, or removes it (null), and restores it at its end.
class Environment {
  public:
    Environment(std::string name, const char* value) : name_(std::move(name)) {
        if (const char* old = std::getenv(name_.c_str()); old != nullptr) {
            old_ = old;
        }
        value != nullptr ? ::setenv(name_.c_str(), value, 1) : ::unsetenv(name_.c_str());
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() { old_ ? ::setenv(name_.c_str(), old_->c_str(), 1) : ::unsetenv(name_.c_str()); }

  private:
    std::string name_;
    std::optional<std::string> old_;
};

}  // namespace lact::test
