#include "client/connection_news.h"

#include "client/announced_address.h"
#include "client/client_core.h"

namespace rmq::client {

void ConnectionNews::on_state_changed(const remoting::Connection& connection,
                                      remoting::ConnectionState from, remoting::ConnectionState to,
                                      const base::Error* cause) {
  if (!door_.is_open() && !logger_.is_enabled(event::LogLevel::warn)) return;
  const std::string address = connection.options().peer.to_text();
  const std::string states =
      std::string(" from=") + remoting::to_text(from) + " to=" + remoting::to_text(to);
  const bool is_failure = cause != nullptr && base::error_code_info(cause->code).category !=
                                                  base::ErrorCategory::shutdown;
  if (is_failure) {
    note_failure(address, states, *cause);
    return;
  }
  const auto away = away_.find(address);
  if (away != away_.end() && to == remoting::ConnectionState::open) {
    const base::Duration time = core_.loop().now() - away->second.since;
    logger_.write(event::LogLevel::warn, "server_back",
                  "address=" + address + " away_ms=" + std::to_string(base::to_ms(time)) +
                      " failures=" + std::to_string(away->second.failures));
    away_.erase(away);
    return;
  }
  // Attempts to reach a server that is away are no news.
  const auto level = away == away_.end() ? event::LogLevel::info : event::LogLevel::debug;
  logger_.write(level, "connection", "address=" + address + states);
}

void ConnectionNews::note_failure(const std::string& address, std::string_view states,
                                  const base::Error& cause) {
  const base::Instant now = core_.loop().now();
  const auto [place, is_first] = away_.try_emplace(address);
  Away& away = place->second;
  if (is_first) away.since = now;
  ++away.failures;
  away.rarely.count();
  if (now < away.rarely.next()) return;
  const std::int64_t times = away.rarely.note_told(now);
  std::string details = "address=" + address;
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

void ConnectionNews::keep_only(const std::function<bool(const std::string& address)>& is_named) {
  std::erase_if(away_, [&](const auto& entry) { return !is_named(entry.first); });
}

}  // namespace rmq::client
