// What only those attempts carry that wait for a route, or that are tried again. Made when it is
// needed, so that the others pay nothing for it. Loop thread only; owned by its attempt.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/intrusive_list.h"
#include "protocol/send_message.h"
#include "remoting/deadlines.h"

namespace rmq::producer {

class SendAttempt;

struct SendDetour final : public base::ListNode<SendDetour>, private remoting::DeadlineHandler {
  SendDetour(SendAttempt& owner, remoting::Deadlines& loop_deadlines);
  ~SendDetour();

  // A try is over, with or without effect.
  void note_try(std::string_view broker_name, base::ErrorCode code, base::Outcome outcome);
  bool has_tried(std::string_view broker_name) const;
  // Adds to the error of the last try what the earlier ones left behind.
  void add_context(base::Error* error) const;

  // Keeps an answer that says stored, in case that no later one does.
  void keep(const protocol::SendMessageResponse& answer, std::string_view broker_name);
  struct Stored {
    protocol::SendMessageResponse answer;
    std::string broker_name;
    std::string texts;  // of the answer
  };

  struct Try {
    std::string broker_name;
    base::ErrorCode code;
  };

  SendAttempt& attempt;
  remoting::Deadlines& deadlines;
  remoting::Deadline deadline;  // of waiting for a route, or in an ordered lane
  std::vector<Try> tries;
  base::Outcome worst = base::Outcome::not_applied;
  std::uint32_t pauses = 0;  // between tries of an ordered send
  std::string head;          // of the frame, encoded again for another queue
  std::optional<Stored> stored;

 private:
  void on_deadline(remoting::Deadline&) override;
};

}  // namespace rmq::producer
