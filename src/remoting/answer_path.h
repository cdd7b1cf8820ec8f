// The way back to a server that asked something, as long as the session lives in which it asked.
// Whatever becomes of the connection, an answer can neither reach a later session nor a connection
// that is gone.
//
// Loop thread only. A path that leads nowhere may be moved and destroyed on any thread.
#pragma once

#include "base/intrusive_list.h"

namespace rmq::remoting {

class Connection;

class AnswerPath : private base::ListNode<AnswerPath> {
 public:
  AnswerPath() = default;  // leads nowhere
  // To the present session.
  explicit AnswerPath(Connection& connection) noexcept;
  AnswerPath(AnswerPath&& other) noexcept { take(other); }
  AnswerPath& operator=(AnswerPath&& other) noexcept {
    if (this != &other) {
      leave();
      take(other);
    }
    return *this;
  }
  ~AnswerPath() { leave(); }

  // Null once the session is over.
  Connection* connection() const { return connection_; }

 private:
  friend class Connection;
  friend class base::IntrusiveList<AnswerPath, AnswerPath>;

  void take(AnswerPath& other) noexcept;
  void leave() noexcept {
    unlink_if_linked();
    connection_ = nullptr;
  }

  Connection* connection_ = nullptr;
};

}  // namespace rmq::remoting
