#include "app/runtime/runtime.h"

namespace lact::app {

Runtime::Runtime(ComputeOptions compute, std::function<void()> wake)
    : jobs(wake), training(wake), engine(std::move(compute), log, jobs, wake) {
    frame.log = &log;
}

void Runtime::refresh() {
    frame.engine = engine.latest();
    frame.jobs = jobs.snapshot();
    frame.training = training.views();
}

}  // namespace lact::app
