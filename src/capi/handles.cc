#include "capi/handles.h"

#include "capi/edge.h"

namespace rmq::capi {

using base::ErrorCode;
using base::make_error;

base::Status check_child(const rmq_runtime_t* runtime, const rmq_config_t* config,
                         const rmq_event_queue_t* queue, config::Owner owner) {
  if (!runtime) return null_argument("runtime");
  if (runtime->runtime->is_forked())
    return make_error(ErrorCode::FORKED, "the runtime belongs to the parent process");
  if (queue && queue->runtime != runtime->runtime) {
    return make_error(ErrorCode::ARGUMENT, "the event queue belongs to another runtime");
  }
  if (!config) return {};
  if (auto status = config->config.check_beside(runtime->runtime->config(), owner); !status.ok()) {
    return status;
  }
  runtime->runtime->warn_of_options(config->config);
  return {};
}

}  // namespace rmq::capi
