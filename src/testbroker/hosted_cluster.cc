#include "testbroker/hosted_cluster.h"

#include <new>
#include <utility>

#include "base/inbox.h"
#include "base/mutex.h"
#include "base/process_stamp.h"
#include "base/thread.h"
#include "testbroker/command.h"
#include "testbroker/local_cluster.h"
#include "transport/uv_loop.h"

namespace rmq::testbroker {
namespace {

// One command on its way to the loop thread and back; lives on the caller's stack.
class Call final : public base::InboxItem {
 public:
  Call(std::string_view line, Cluster& cluster, std::string* reply)
      : line_(line), cluster_(cluster), reply_(reply) {}

  void run_on_loop() noexcept override {
    base::Status status;
    bool no_memory = false;
    try {
      status = testbroker::run_command(line_, cluster_, reply_);
    } catch (...) {
      no_memory = true;  // nothing else is thrown here
    }
    // Notified under the lock: the caller destroys this as soon as it may go on.
    base::MutexLock lock(mutex_);
    status_ = std::move(status);
    no_memory_ = no_memory;
    done_ = true;
    ended_.notify_one();
  }

  base::Status wait() {
    base::MutexLock lock(mutex_);
    while (!done_) ended_.wait(lock);
    if (no_memory_) throw std::bad_alloc();
    return std::move(status_);
  }

 private:
  const std::string_view line_;
  Cluster& cluster_;
  std::string* const reply_;
  base::Mutex mutex_;
  base::Condition ended_;
  bool done_ RMQ_GUARDED_BY(mutex_) = false;
  bool no_memory_ RMQ_GUARDED_BY(mutex_) = false;
  base::Status status_ RMQ_GUARDED_BY(mutex_);
};

}  // namespace

// What lives on the loop thread.
class HostedCluster::Core final : private transport::WakeUpHandler {
 public:
  Core(std::unique_ptr<transport::UvLoop> loop, std::shared_ptr<base::ProcessStamp> stamp,
       const ClusterOptions& options)
      : stamp_(std::move(stamp)),
        loop_(std::move(loop)),
        servers_(*loop_, options),
        wake_up_(loop_->make_wake_up(*this)) {}

  ~Core() {
    if (!thread_.started()) return;
    loop_->stop();
    thread_.join();
  }

  base::Status start() {
    if (auto status = servers_.start(); !status.ok()) return status;
    note_addresses();  // as long as no other thread touches the servers
    return thread_.start("testbroker", [this] { loop_->run(); });
  }

  bool forked() const { return stamp_->forked(); }
  void close_inherited_sockets() noexcept { loop_->close_inherited_sockets(); }
  const std::string& namesrv_address() const { return namesrv_address_; }
  const std::vector<Address>& broker_addresses() const { return broker_addresses_; }

  base::Status run_command(std::string_view line, std::string* reply) {
    Call call(line, servers_.cluster(), reply);
    if (inbox_.push(call) == base::Inbox::Pushed::first) wake_up_->wake();
    return call.wait();
  }

 private:
  void on_wake_up() override { inbox_.run_all(); }

  void note_addresses() {
    namesrv_address_ = servers_.namesrv_address().to_text();
    for (const auto& server : servers_.servers()) {
      if (!server->options().broker) continue;
      broker_addresses_.push_back({server->name(), server->address().to_text()});
    }
  }

  const std::shared_ptr<base::ProcessStamp> stamp_;
  const std::unique_ptr<transport::UvLoop> loop_;
  LocalCluster servers_;
  std::string namesrv_address_;
  std::vector<Address> broker_addresses_;
  base::Inbox inbox_;
  std::unique_ptr<transport::WakeUp> wake_up_;
  base::Thread thread_;
};

base::Result<std::unique_ptr<HostedCluster>> HostedCluster::start(const ClusterOptions& options) {
  if (auto status = check(options); !status.ok()) return status.take_error();
  auto stamp = base::ProcessStamp::make();
  if (!stamp.ok()) return stamp.take_error();
  auto loop = transport::UvLoop::make();
  if (!loop.ok()) return loop.take_error();
  auto core = std::make_unique<Core>(loop.take_value(), stamp.take_value(), options);
  if (auto status = core->start(); !status.ok()) return status.take_error();
  return std::unique_ptr<HostedCluster>(new HostedCluster(std::move(core)));
}

HostedCluster::HostedCluster(std::unique_ptr<Core> core) : core_(std::move(core)) {}

const std::string& HostedCluster::namesrv_address() const { return core_->namesrv_address(); }

const std::vector<HostedCluster::Address>& HostedCluster::broker_addresses() const {
  return core_->broker_addresses();
}

HostedCluster::~HostedCluster() {
  if (!core_->forked()) return;
  core_->close_inherited_sockets();
  static_cast<void>(core_.release());
}

base::Status HostedCluster::run_command(std::string_view line, std::string* reply) {
  if (core_->forked()) {
    return base::make_error(base::ErrorCode::FORKED,
                            "the test broker belongs to the parent process");
  }
  return core_->run_command(line, reply);
}

}  // namespace rmq::testbroker
