#include "cluster/name_servers.h"

#include <algorithm>
#include <string_view>

namespace rmq::cluster {

using base::ErrorCode;

namespace {

// A server gets at least so long to answer, even when others wait behind it.
constexpr base::Duration kAttemptMin = std::chrono::milliseconds(500);

}  // namespace

void NameServers::set_addresses(const std::vector<transport::HostPort>& addresses) {
  std::vector<NamedEndpoint> servers;
  for (const transport::HostPort& address : addresses)
    servers.emplace_back(endpoints_.intern(address));
  servers_ = std::move(servers);
  for (std::size_t i = servers_.size(); i > 1; --i) {
    std::swap(servers_[i - 1], servers_[loop_.random().below(i)]);
  }
}

std::string NameServers::describe_servers() const {
  std::string text;
  for (const NamedEndpoint& server : servers_) {
    if (!text.empty()) text += "; ";
    text += server->name();
    const remoting::Connection* connection = server->find_connection();
    if (connection == nullptr) continue;
    const bool is_looked_up = connection->state() == remoting::ConnectionState::resolving;
    text += is_looked_up ? " (its name is still being looked up)"
                         : " (" + std::string(remoting::to_text(connection->state())) + ")";
  }
  return text;
}

// A question's stay with one server.
class NameServers::Attempt final : public CallEnd {
 public:
  Attempt(NameServers& servers, std::shared_ptr<Question> question, EndpointPtr server)
      : servers_(servers), question_(std::move(question)), server_(std::move(server)) {}

  void on_answer(const wire::CommandView& response,
                 const remoting::Connection& connection) override {
    question_->end->on_answer(response, connection);
  }
  void on_failure(base::Error error) override {
    servers_.note_failure(*question_, server_, error);
    servers_.ask_next(question_);
  }

 private:
  NameServers& servers_;
  const std::shared_ptr<Question> question_;
  const EndpointPtr server_;
};

void NameServers::begin(std::string frame, base::Instant deadline, std::unique_ptr<CallEnd> end) {
  auto question = std::make_shared<Question>();
  question->frame = std::move(frame);
  question->deadline = deadline;
  question->end = std::move(end);
  question->servers.reserve(servers_.size());
  for (auto server = servers_.rbegin(); server != servers_.rend(); ++server)
    question->servers.push_back(server->get());
  // Those that cannot be reached at present are asked last.
  std::stable_partition(question->servers.begin(), question->servers.end(),
                        [](const EndpointPtr& server) { return server->connection().is_away(); });
  ask_next(question);
}

void NameServers::ask_next(const std::shared_ptr<Question>& question) {
  if (question->servers.empty()) {
    question->end->on_failure(
        base::make_error_or_code(ErrorCode::NO_NAMESERVER, [&] { return no_server(*question); }));
    return;
  }
  bool is_called = false;
  try {
    call_next(question);
    is_called = true;
  } catch (const std::bad_alloc&) {
    // Whoever asked shall not wait for ever.
  }
  if (is_called) return;
  question->end->on_failure(base::make_error_or_code(ErrorCode::MEMORY, [] {
    return base::make_error(ErrorCode::MEMORY, "no memory to ask a NameServer");
  }));
}

void NameServers::call_next(const std::shared_ptr<Question>& question) {
  const EndpointPtr server = std::move(question->servers.back());
  question->servers.pop_back();
  const base::Duration left = question->deadline - loop_.now();
  const base::Duration share = left / static_cast<std::int64_t>(question->servers.size() + 1);
  const base::Instant deadline = loop_.now() + std::min(left, std::max(share, kAttemptMin));

  std::string frame = question->is_asked ? decorator_.make_again(question->frame) : question->frame;
  calls_.start(server->connection(), std::move(frame), deadline,
               std::make_unique<Attempt>(*this, question, server));
  question->is_asked = true;
}

void NameServers::note_failure(Question& question, const EndpointPtr& server,
                               const base::Error& error) noexcept {
  const bool is_ours =
      base::error_code_info(error.code).category == base::ErrorCategory::resource &&
      (question.cause == ErrorCode::OK || question.cause == error.code);
  question.cause = is_ours ? error.code : ErrorCode::NO_NAMESERVER;
  // The next question begins with the next server.
  if (servers_.size() > 1 && servers_.front().get() == server) {
    std::rotate(servers_.begin(), servers_.begin() + 1, servers_.end());
  }
  try {
    if (!question.failures.empty()) question.failures += "; ";
    question.failures += server->name() + ": " + error.message;
  } catch (const std::bad_alloc&) {
    // It is not told why this server failed.
  }
}

base::Error NameServers::no_server(const Question& question) {
  if (question.failures.empty()) {
    return base::make_error(base::ErrorCode::NO_NAMESERVER, "no NameServer is known",
                            "set the option namesrv_addr to host:port;host:port");
  }
  base::Error error =
      base::make_error(question.cause, "no NameServer answered: " + question.failures,
                       "check namesrv_addr and that a NameServer runs there");
  error.server_role = base::ServerRole::nameserver;
  return error;
}

}  // namespace rmq::cluster
