// The transactions of one producer that have not ended: half messages whose event is with the user,
// and checks of brokers. It tells brokers how they end (protocol.md 12.1).
//
// A broker that checks has stored the half message anew, so that its question names another place
// than the answer to the send did. Whatever event the user answers, the end goes to the newest
// place; otherwise the broker would keep the newer copy and ask for it again.
//
// Loop thread only; owned by its producer.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/intrusive_list.h"
#include "client/client_core.h"
#include "producer/ended_transactions.h"
#include "producer/send_operation.h"
#include "producer/transaction_end.h"
#include "producer/transaction_question.h"
#include "protocol/end_transaction.h"
#include "protocol/stored_message.h"
#include "remoting/answer_path.h"

namespace rmq::producer {

class Producer;

class Transactions final : private QuestionHandler,
                           private TransactionEndHandler,
                           private remoting::DeadlineHandler {
 public:
  explicit Transactions(Producer& producer) : producer_(producer), checks_due_(*this) {}
  Transactions(const Transactions&) = delete;
  Transactions& operator=(const Transactions&) = delete;

  // The send of a half message has ended: decides whether its event wants an answer.
  void on_half_sent(SendOperation& send) noexcept;
  // A broker asks.
  void check(const wire::CommandView& command, client::ServerRequest& request);

  // The user knows of transactions, so that brokers may ask.
  bool is_in_use() const { return is_in_use_; }
  void use() { is_in_use_ = true; }
  // Every end is with the kernel, or lost.
  bool is_quiet() const { return ends_.is_empty(); }
  void cancel_ends() noexcept;
  std::size_t cancelled_ends() const { return cancelled_ends_; }
  // Answers move nothing any more.
  void close() noexcept;

 private:
  // Where the newest copy of a half message is, and who is to be told of its end.
  struct Place {
    std::string unique_id;
    std::int64_t queue_offset = 0;
    std::int64_t commit_log_offset = 0;
    std::string transaction_id;
    std::string topic;
    std::string broker_name;
    cluster::EndpointPtr master;   // that took the send
    remoting::AnswerPath session;  // in which the check came
    bool is_from_check = false;
  };
  using Question = std::shared_ptr<TransactionQuestion>;
  struct Open {
    Place place;
    Question half;   // null: not of this producer, or answered
    Question check;  // null: no broker has asked, or it has its answer
    base::Instant check_due = base::kNever;
    std::size_t check_bytes = 0;
  };
  // By unique id. A send that was tried again may have left half messages of one id at two brokers.
  // The second of them has the broker's name behind its id.
  using Opens = std::map<std::string, Open, std::less<>>;

  void make_known(std::string_view topic) noexcept;
  void keep_half(SendOperation& send);
  Place place_of(const SendOperation& send, std::int64_t commit_log_offset);
  static Place place_of(const protocol::CheckTransactionStateRequest& check,
                        const protocol::StoredMessageView& message, remoting::AnswerPath session);
  void ask_user(const std::string& key, const protocol::CheckTransactionStateRequest& check,
                base::Bytes stored);
  bool has_room(std::size_t bytes) const;
  void drop(const protocol::StoredMessageView& message);
  void renew(Open& open, Place place);
  std::string key_of(const Place& place) const;
  void end(const Place& place, protocol::TransactionState state) noexcept;
  remoting::Connection* connection_to(const Place& place);
  void note_lost(const Place& place, const base::Error& error) noexcept;
  void drop_check(Open& open) noexcept;
  void settle(Opens::iterator place) noexcept;
  void plan_checks() noexcept;
  void discard_withdrawn() noexcept;

  void on_answered(TransactionQuestion& question) noexcept override;
  void on_end_over(TransactionEnd& end, const base::Error* error) noexcept override;
  void on_deadline(remoting::Deadline& deadline) override;

  client::ClientCore& core() const;

  Producer& producer_;
  bool is_in_use_ = false;
  Opens open_;
  EndedTransactions ended_;
  std::size_t checks_ = 0;  // of open_
  std::size_t check_bytes_ = 0;
  base::IntrusiveList<TransactionEnd, TransactionEnd> ends_;
  std::size_t cancelled_ends_ = 0;
  remoting::Deadline checks_due_;  // while there are checks
};

}  // namespace rmq::producer
