#include "remoting/answer_path.h"

#include "remoting/connection.h"

namespace rmq::remoting {

AnswerPath::AnswerPath(Connection& connection) noexcept { connection.join(*this); }

void AnswerPath::take(AnswerPath& other) noexcept {
  Connection* const connection = other.connection_;
  other.leave();
  if (connection != nullptr) connection->join(*this);
}

void Connection::join(AnswerPath& path) noexcept {
  if (state_ != ConnectionState::open) return;
  path.connection_ = this;
  answer_paths_.push_back(path);
}

void Connection::end_answer_paths() noexcept {
  while (AnswerPath* path = answer_paths_.pop_front()) path->connection_ = nullptr;
}

}  // namespace rmq::remoting
