#include "app/runtime/runtime.h"

namespace lact::app {

Runtime::Runtime(ComputeOptions options, std::function<void()> wake)
    : compute(std::move(options)), jobs(wake), training(wake), engine(compute, log, jobs, wake) {
    frame.log = &log;
}

void Runtime::refresh() {
    frame.engine = engine.latest();
    frame.jobs = jobs.snapshot();
    frame.training = training.views();
}

}  // namespace lact::app
