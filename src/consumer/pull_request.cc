#include "consumer/pull_request.h"

namespace rmq::consumer {

void PullRequest::send(const cluster::RequestDecorator& decorator, const cluster::Target& target,
                       protocol::PullMessageRequest pull, base::Instant due) {
  cluster::name_broker(target.broker_name, &pull);
  const cluster::Decoration decoration = decorator.decorate(pull, {}, cluster::Expects::answer);
  std::size_t bytes = cluster::write_head(pull, decoration, 0, memory_);
  if (bytes > memory_.size()) {
    memory_.resize(bytes);
    bytes = cluster::write_head(pull, decoration, 0, memory_);
  }
  frame = base::MutableBytes(memory_).first(bytes);
  deadline = due;
  is_held = true;
  connection_ = &target.connection;
  target.connection.submit(*this);
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
