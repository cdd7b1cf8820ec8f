#include "client/connection_news.h"

#include "client/announced_address.h"
#include "client/client_core.h"

namespace rmq::client {

void ConnectionNews::on_state_changed(cluster::Endpoint& endpoint, remoting::ConnectionState from,
                                      remoting::ConnectionState to, const base::Error* cause) {
  if (!door_.is_open() && !logger_.is_enabled(event::LogLevel::warn)) return;
  const std::string states =
      std::string(" from=") + remoting::to_text(from) + " to=" + remoting::to_text(to);
  const bool is_failure = cause != nullptr && base::error_code_info(cause->code).category !=
                                                  base::ErrorCategory::shutdown;
  if (is_failure) {
    note_failure(endpoint, states, *cause);
    return;
  }
  const auto away = away_.find(endpoint.name());
  if (away != away_.end() && to == remoting::ConnectionState::open) {
    const base::Duration time = core_.loop().now() - away->second.since;
    logger_.write(event::LogLevel::warn, "server_back",
                  "address=" + endpoint.name() + " away_ms=" + std::to_string(base::to_ms(time)) +
                      " failures=" + std::to_string(away->second.failures));
    away_.erase(away);
    return;
  }
  // Attempts to reach a server that is away are no news.
  const auto level = away == away_.end() ? event::LogLevel::info : event::LogLevel::debug;
  logger_.write(level, "connection", "address=" + endpoint.name() + states);
}

void ConnectionNews::note_failure(cluster::Endpoint& endpoint, std::string_view states,
                                  const base::Error& cause) {
  const base::Instant now = core_.loop().now();
  const auto [place, is_first] = away_.try_emplace(endpoint.shared_from_this());
  Away& away = place->second;
  if (is_first) away.since = now;
  ++away.failures;
  away.rarely.count();
  if (now < away.rarely.next()) return;
  const std::int64_t times = away.rarely.note_told(now);
  std::string details = "address=" + endpoint.name();
  details += states;
  if (!is_first) {
    details += " away_ms=" + std::to_string(base::to_ms(now - away.since)) +
               " failures=" + std::to_string(away.failures);
  }
  tell(details, cause, times);
}

void ConnectionNews::tell(std::string_view details, const base::Error& cause, std::int64_t count) {
  base::Error explained = cause;
  explain_announced_address(core_.routes().known_brokers(), &explained);
  explained.count = count;
  logger_.write(event::LogLevel::warn, "connection", details, &explained);
  door_.tell(core_, explained);
}

void ConnectionNews::forget_unnamed() noexcept {
  std::erase_if(away_, [](const auto& entry) { return !entry.first->is_named(); });
}

}  // namespace rmq::client
