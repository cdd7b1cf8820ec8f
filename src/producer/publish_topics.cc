#include "producer/publish_topics.h"

namespace rmq::producer {

PublishTopic& PublishTopics::at(std::string_view topic) {
  std::atomic<PublishTopic*>& recent = recent_[place_of(topic)];
  PublishTopic* known = recent.load();
  if (known != nullptr && known->name == topic) return *known;
  base::MutexLock lock(mutex_);
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    std::string name(topic);
    auto made = std::make_unique<PublishTopic>(name);
    found = topics_.emplace(std::move(name), std::move(made)).first;
  }
  recent.store(found->second.get());
  return *found->second;
}

PublishTopic* PublishTopics::find(std::string_view topic) {
  base::MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : found->second.get();
}

std::unique_ptr<PublishTopic> PublishTopics::take(std::string_view topic) {
  const base::MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return nullptr;
  std::atomic<PublishTopic*>& recent = recent_[place_of(topic)];
  if (recent.load() == found->second.get()) recent.store(nullptr);
  std::unique_ptr<PublishTopic> taken = std::move(found->second);
  topics_.erase(found);
  return taken;
}

}  // namespace rmq::producer
