#pragma once

#include "app/runtime/engine_tasks.h"

#include <memory>

namespace lact::app {

/// The task that runs experiments: every turn of it does one piece of the running one.
[[nodiscard]] std::unique_ptr<Task> make_experiment_task(const EngineContext& context);

}  // namespace lact::app
