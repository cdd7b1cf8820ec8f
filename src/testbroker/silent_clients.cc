#include "testbroker/silent_clients.h"

#include "testbroker/peers.h"
#include "testbroker/server_state.h"

namespace rmq::testbroker {
namespace {

constexpr base::Duration kInterval = std::chrono::seconds(10);

}  // namespace

SilentClients::SilentClients(ServerState& state)
    : state_(state), timer_(state.loop.make_timer(*this)) {}

void SilentClients::watch() {
  if (watching_ || state_.clients.size() == 0) return;
  watching_ = true;
  timer_->arm(state_.loop.now() + kInterval);
}

// A stopped process counts the time of its stop, too, and finds all clients silent when it goes on.
void SilentClients::on_timer() {
  watching_ = false;
  if (!state_.is_asleep()) {
    const base::Instant since = state_.loop.now() - state_.options.silent_client_life;
    for (const std::uint64_t connection : state_.clients.silent_connections(since)) {
      state_.peers.cut(connection, "the client has stopped sending heartbeats");
    }
  }
  watch();
}

}  // namespace rmq::testbroker
