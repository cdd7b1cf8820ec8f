// The pull of one queue, sent again and again in the same memory. Loop thread only; belongs to its
// ProcessQueue, and after release() to the connection that it is on, until that lets go of it.
#pragma once

#include <memory>
#include <vector>

#include "cluster/call_set.h"
#include "cluster/request_decorator.h"
#include "protocol/pull_message.h"
#include "remoting/connection.h"

namespace rmq::consumer {

class PullHandler {
 public:
  // As remoting::Request::on_response. Both may release the request.
  virtual void on_pull_response(const wire::CommandView& response, const base::SlabRef& slab) = 0;
  virtual void on_pull_failure(base::Error error) = 0;

 protected:
  ~PullHandler() = default;
};

class PullRequest final : public remoting::Request {
 public:
  struct Release {
    void operator()(PullRequest* request) const { request->release(); }
  };
  using Pointer = std::unique_ptr<PullRequest, Release>;

  static Pointer make(PullHandler& handler) { return Pointer(new PullRequest(handler)); }

  // Not while it is pending. Throws std::bad_alloc.
  void send(const cluster::RequestDecorator& decorator, const cluster::Target& target,
            protocol::PullMessageRequest pull, base::Instant due);

 private:
  explicit PullRequest(PullHandler& handler) : handler_(&handler) {}
  void release();

  void on_response(const wire::CommandView& response, const base::SlabRef& slab) override;
  void on_failure(base::Error error) override;

  PullHandler* handler_;  // null: released
  remoting::Connection* connection_ = nullptr;
  std::vector<std::uint8_t> memory_;
};

}  // namespace rmq::consumer
