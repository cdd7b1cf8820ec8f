// What goes wrong in the background of one member, collected by its cause and told rarely. One log
// line and one error event stand for all queues that a cause concerns. They come at once, and again
// after pauses that double, as long as the cause goes on. So what is told grows with the number of
// causes, and not with queues times attempts.
//
// Loop thread only; owned by a member.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>

#include "base/error.h"
#include "client/error_door.h"
#include "client/host.h"
#include "client/rarely.h"
#include "protocol/message_queue.h"
#include "remoting/deadlines.h"

namespace rmq::client {

class Troubles final : private remoting::DeadlineHandler {
 public:
  // `group` is the member's.
  Troubles(Host& host, std::string group, ErrorDoor door)
      : host_(host), group_(std::move(group)), door_(std::move(door)), due_(*this) {}
  Troubles(const Troubles&) = delete;
  Troubles& operator=(const Troubles&) = delete;

  // `queue` may lack all but the topic, or all. Without an error this makes log lines only. A
  // trouble that memory does not allow to keep is lost.
  void note(std::string_view operation, const protocol::MessageQueue& queue,
            const base::Error* error) noexcept;
  // A server can be reached again: the next failure to reach one is news.
  void on_server_back() noexcept;
  // The member ends: nothing more is told. Needed before the destructor.
  void stop() noexcept;

 private:
  // Operation, error code, response code, and whatever of topic, broker and address tells causes
  // apart.
  using Cause = std::tuple<std::string, std::int32_t, std::int32_t, std::string>;
  struct Trouble {
    protocol::MessageQueue first;  // since it was told last, like all below
    base::Error error;
    bool has_error = false;
    bool has_line = false;                   // and no event yet
    std::unordered_set<std::size_t> queues;  // hashes
    base::Instant tell_at = base::kNever;
    base::Instant seen_at{};
    Rarely rarely;
  };
  using Known = std::map<Cause, Trouble>;

  void on_deadline(remoting::Deadline& deadline) override;
  void collect(std::string_view operation, const protocol::MessageQueue& queue,
               const base::Error* error);
  Trouble* find_or_make(Cause cause);
  void tell(const std::string& operation, Trouble& trouble);
  void write_line(const std::string& operation, const Trouble& trouble, const base::Error* error);
  void plan();

  Host& host_;
  const std::string group_;
  ErrorDoor door_;
  remoting::Deadline due_;
  Known known_;
  bool is_stopped_ = false;
};

}  // namespace rmq::client
