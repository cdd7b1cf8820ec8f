#include "consumer/pull_request.h"

#include "protocol/request_frame.h"

namespace rmq::consumer {

void PullRequest::send(remoting::Connection& connection, const protocol::PullMessageRequest& pull,
                       base::Instant due) {
  wire::FrameHead head;
  head.serialization = wire::Serialization::rocketmq;
  std::size_t bytes = protocol::write_request(pull, head, 0, memory_);
  if (bytes > memory_.size()) {
    memory_.resize(bytes);
    bytes = protocol::write_request(pull, head, 0, memory_);
  }
  frame = base::MutableBytes(memory_).first(bytes);
  deadline = due;
  is_held = true;
  connection_ = &connection;
  connection.submit(*this);
}

void PullRequest::release() {
  handler_ = nullptr;
  if (!is_pending()) {
    delete this;
  } else {
    connection_->cancel(*this);  // completes it, now or when its bytes are written
  }
}

// The handler may release the request: nothing of it is touched afterwards.
void PullRequest::on_response(const wire::CommandView& response, const base::SlabRef& slab) {
  if (handler_) {
    handler_->on_pull_response(response, slab);
  } else {
    delete this;
  }
}

void PullRequest::on_failure(base::Error error) {
  if (handler_) {
    handler_->on_pull_failure(std::move(error));
  } else {
    delete this;
  }
}

}  // namespace rmq::consumer
