// PULL_MESSAGE (11) and LITE_PULL_MESSAGE (361).
#include <utility>

#include "protocol/pull_message.h"
#include "testbroker/handler_table.h"
#include "testbroker/pull.h"

namespace rmq::testbroker {

// The offset that comes with a pull is stored when the pull arrives, whatever it finds, and not
// again when it is woken.
Handled handle_pull(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  Pull pull;
  if (auto refusal = read_pull(context.request, context.connection, state.options, &pull);
      refusal.refused()) {
    return finish(answer, std::move(refusal));
  }
  TagFilter filter;
  const PullOutcome outcome = run_pull(pull, state, &filter, answer);
  const bool commits = state.is_master() || state.options.is_5x();
  if (outcome != PullOutcome::refused && commits && pull.has(protocol::kPullFlagCommitOffset)) {
    state.commit_offset(pull.group, pull.topic, pull.queue_id, pull.commit_offset);
  }
  const bool waits = outcome == PullOutcome::nothing && pull.has(protocol::kPullFlagSuspend) &&
                     !context.request.is_oneway();
  if (waits && state.held_pulls.hold(context.ticket, std::move(pull), std::move(filter))) {
    return Handled::later;
  }
  return Handled::answered;
}

}  // namespace rmq::testbroker
