#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/abi/support.h"
#include "tests/integration/faults/contestant.h"

namespace rmq::test {
namespace {

constexpr std::int64_t kPollMs = 20;
constexpr std::int64_t kSenderPollMs = 2;  // between two looks at what is to be sent
constexpr std::size_t kBodyBytes = 100;
constexpr std::int32_t kOneSecondLevel = 1;  // the first of the broker's delay levels

abi::Runtime start_runtime(const std::string& namesrv_address) {
  // All other options keep their defaults, as those of the Java client do.
  abi::Runtime runtime =
      abi::make_runtime({{"namesrv_addr", namesrv_address}, {"client_ip", "127.0.0.1"}});
  EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  return runtime;
}

SendFate fate_of(std::int32_t outcome) {
  return outcome == RMQ_OUTCOME_APPLIED         ? SendFate::applied
         : outcome == RMQ_OUTCOME_MAYBE_APPLIED ? SendFate::maybe_applied
                                                : SendFate::not_applied;
}

// Says when the next message of a steady rate is due. What a slow send has missed is not made up.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Pace(const std::atomic<int>& rate) : rate_(rate) {}
  bool is_due() {
    const Clock::time_point now = Clock::now();
    if (now < due_) return false;
    const int rate = rate_;
    if (rate == 0) return false;
    due_ = std::max(due_ + std::chrono::nanoseconds(1'000'000'000 / rate), now);
    return true;
  }

 private:
  const std::atomic<int>& rate_;
  Clock::time_point due_ = Clock::now();
};

class Records {
 public:
  void add(SendRecord send) {
    const std::lock_guard lock(mutex_);
    records_.sends.push_back(std::move(send));
  }
  void add(DeliveryRecord delivery) {
    const std::lock_guard lock(mutex_);
    records_.deliveries.push_back(std::move(delivery));
  }
  void copy_news(TrafficRecords* to) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = to->sends.size(); i < records_.sends.size(); ++i) {
      to->sends.push_back(records_.sends[i]);
    }
    for (std::size_t i = to->deliveries.size(); i < records_.deliveries.size(); ++i) {
      to->deliveries.push_back(records_.deliveries[i]);
    }
  }

 private:
  mutable std::mutex mutex_;
  TrafficRecords records_;  // guarded by mutex_
};

struct Shared {
  std::string topic;
  std::atomic<int> rate{0};
  std::atomic<bool> is_over{false};
  Records records;
};

std::string make_body(const std::string& key) { return key + std::string(kBodyBytes, 'x'); }

abi::Message make_keyed_message(const std::string& topic, const std::string& key) {
  rmq_message_t* made = nullptr;
  const std::string body = make_body(key);
  EXPECT_EQ(rmq_message_new(topic.data(), topic.size(), nullptr, 0, nullptr, 0, nullptr, 0, &made,
                            nullptr),
            RMQ_OK);
  abi::Message message(made);
  EXPECT_EQ(rmq_message_set_body(made, body.data(), body.size(), nullptr), RMQ_OK);
  EXPECT_EQ(rmq_message_set_text(made, RMQ_FIELD_KEYS, key.data(), key.size(), nullptr), RMQ_OK);
  return message;
}

// Sends one message and waits for its answer before the next one.
class SingleSender {
 public:
  SingleSender(Shared& shared, const std::string& namesrv_address)
      : shared_(shared),
        runtime_(start_runtime(namesrv_address)),
        producer_(abi::make_producer(runtime_.get())) {
    EXPECT_EQ(rmq_producer_start(producer_.get(), nullptr), RMQ_OK);
    thread_ = std::thread([this] { run(); });
  }
  ~SingleSender() { thread_.join(); }

 private:
  void run() {
    Pace pace(shared_.rate);
    for (std::size_t i = 0; !shared_.is_over;) {
      if (pace.is_due()) {
        send("ours-single-" + std::to_string(i++));
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the pace of the load
      }
    }
  }
  void send(const std::string& key) {
    SendRecord record{key, true, monotonic_ns(), 0, SendFate::applied, {}};
    const abi::Message message = make_keyed_message(shared_.topic, key);
    rmq_error_t* raw = nullptr;
    const std::int32_t code =
        rmq_producer_send(producer_.get(), message.get(), nullptr, 0, 0, nullptr, &raw);
    const abi::Error error(raw);
    record.end_ns = monotonic_ns();
    rmq_error_view_t view{};
    if (code != RMQ_OK && rmq_error_view(error.get(), &view, sizeof view) == RMQ_OK) {
      record.fate = fate_of(view.outcome);
      record.error = std::string(rmq_name(RMQ_NAME_ERROR, code)) + ": " + view.message;
    }
    shared_.records.add(std::move(record));
  }

  Shared& shared_;
  abi::Runtime runtime_;
  abi::Producer producer_;
  std::thread thread_;
};

// Sends without waiting. Its messages' numbers are their tokens.
class ManySender {
 public:
  ManySender(Shared& shared, const std::string& namesrv_address)
      : shared_(shared),
        runtime_(start_runtime(namesrv_address)),
        events_(abi::make_queue(runtime_.get())),
        producer_(
            abi::make_producer(runtime_.get(), events_.get(), {{"queue_full_policy", "error"}})) {
    EXPECT_EQ(rmq_producer_start(producer_.get(), nullptr), RMQ_OK);
    thread_ = std::thread([this] { run(); });
  }
  ~ManySender() { thread_.join(); }

 private:
  void run() {
    Pace pace(shared_.rate);
    std::array<rmq_event_view_t, 64> views{};
    while (!shared_.is_over) {
      while (pace.is_due()) send();
      std::size_t count = 0;
      EXPECT_EQ(rmq_event_queue_poll(events_.get(), kSenderPollMs, views.data(), sizeof views[0],
                                     views.size(), &count, nullptr),
                RMQ_OK);
      for (std::size_t i = 0; i < count; ++i) take(views[i]);
      rmq_event_destroy_batch(views.data(), sizeof views[0], count);
    }
  }
  void send() {
    const std::size_t number = begins_.size();
    begins_.push_back(monotonic_ns());
    const std::string key = "ours-many-" + std::to_string(number);
    const abi::Message message = make_keyed_message(shared_.topic, key);
    const std::int32_t code = rmq_producer_send_async(producer_.get(), message.get(), nullptr, 0, 0,
                                                      number, nullptr, nullptr);
    if (code == RMQ_OK) return;
    shared_.records.add({key, false, begins_[number], monotonic_ns(), SendFate::not_applied,
                         rmq_name(RMQ_NAME_ERROR, code)});
  }
  void take(const rmq_event_view_t& view) {
    if (view.event_type != RMQ_EVENT_SEND) return;
    SendRecord record{"ours-many-" + std::to_string(view.token),
                      false,
                      begins_.at(view.token),
                      monotonic_ns(),
                      fate_of(view.outcome),
                      {}};
    if (view.error_code != RMQ_OK) {
      record.error =
          std::string(rmq_name(RMQ_NAME_ERROR, view.error_code)) + ": " + view.error_message;
    }
    shared_.records.add(std::move(record));
  }

  Shared& shared_;
  abi::Runtime runtime_;
  abi::EventQueue events_;
  abi::Producer producer_;
  std::vector<std::int64_t> begins_;  // by token
  std::thread thread_;
};

class Member {
 public:
  Member(Shared& shared, const std::string& namesrv_address)
      : shared_(shared),
        runtime_(start_runtime(namesrv_address)),
        events_(abi::make_queue(runtime_.get())) {
    rmq_consumer_t* made = nullptr;
    const abi::Options options = {{"consumer_group", "group_of_" + shared.topic},
                                  {"consume_from_where", "first"}};
    EXPECT_EQ(rmq_consumer_new(runtime_.get(), RMQ_CONSUMER_PUSH_CONCURRENT,
                               abi::make_config(options).get(), events_.get(), nullptr, nullptr, 0,
                               nullptr, &made, nullptr),
              RMQ_OK);
    consumer_.reset(made);
    EXPECT_EQ(rmq_consumer_subscribe(made, shared.topic.data(), shared.topic.size(),
                                     RMQ_EXPRESSION_TAG, "*", SIZE_MAX, nullptr),
              RMQ_OK);
    EXPECT_EQ(rmq_consumer_start(made, nullptr), RMQ_OK);
    thread_ = std::thread([this] { run(); });
  }
  ~Member() { thread_.join(); }

 private:
  void run() {
    std::array<rmq_event_view_t, 64> views{};
    while (!shared_.is_over) {
      std::size_t count = 0;
      EXPECT_EQ(rmq_event_queue_poll(events_.get(), kPollMs, views.data(), sizeof views[0],
                                     views.size(), &count, nullptr),
                RMQ_OK);
      for (std::size_t i = 0; i < count; ++i) take(views[i]);
      rmq_event_destroy_batch(views.data(), sizeof views[0], count);
    }
  }
  void take(const rmq_event_view_t& view) {
    if (view.event_type != RMQ_EVENT_DELIVERY) return;
    const std::string place = std::string(view.broker_name) + ":" + std::to_string(view.queue_id);
    rmq_message_view_t message{};
    bool is_damaged = false;
    for (std::size_t i = 0; rmq_event_messages(view.event, i, &message, sizeof message, 1) == 1;
         ++i) {
      const std::string key(message.keys, message.keys_bytes);
      const std::string_view body(static_cast<const char*>(message.body), message.body_bytes);
      const bool is_marked = message.error_code != RMQ_OK;
      const bool is_retry = message.reconsume_times > 0;
      shared_.records.add({key, monotonic_ns(), is_retry ? "retry-" + place : place,
                           message.queue_offset, body == make_body(key), is_marked});
      is_damaged |= is_marked;
    }
    // Stale when the queue has moved meanwhile; its messages come again then.
    if (is_damaged) {
      rmq_event_answer(view.event, RMQ_ANSWER_RECONSUME_LATER, kOneSecondLevel, nullptr);
    } else {
      rmq_event_answer(view.event, RMQ_ANSWER_SUCCESS, RMQ_DELAY_BY_COUNT, nullptr);
    }
  }

  Shared& shared_;
  abi::Runtime runtime_;
  abi::EventQueue events_;
  abi::PushConsumer consumer_;
  std::thread thread_;
};

class OurContestant final : public Contestant {
 public:
  OurContestant(const std::string& topic, int rate, const RoleAddresses& addresses) {
    shared_.topic = topic;
    shared_.rate = rate;
    for (std::size_t i = 2; i < kRoles; ++i) {
      members_.push_back(std::make_unique<Member>(shared_, addresses[i]));
    }
    single_ = std::make_unique<SingleSender>(shared_, addresses[0]);
    many_ = std::make_unique<ManySender>(shared_, addresses[1]);
  }
  ~OurContestant() override { shared_.is_over = true; }

  const std::string& name() const override { return name_; }
  void set_rate(int rate) override { shared_.rate = rate; }
  const TrafficRecords& records() override {
    shared_.records.copy_news(&records_);
    return records_;
  }

 private:
  const std::string name_ = "ours";
  TrafficRecords records_;
  Shared shared_;
  std::vector<std::unique_ptr<Member>> members_;
  std::unique_ptr<SingleSender> single_;
  std::unique_ptr<ManySender> many_;
};

}  // namespace

std::unique_ptr<Contestant> start_ours(const std::string& topic, int rate,
                                       const RoleAddresses& namesrv_addresses) {
  return std::make_unique<OurContestant>(topic, rate, namesrv_addresses);
}

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace rmq::test
