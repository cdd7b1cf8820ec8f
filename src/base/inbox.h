// The one way from other threads into the loop: a lock-free stack of items. The loop takes all of
// them at once, in the order in which they were pushed. Pushing from any thread, taking on the loop
// thread only. Items are links in their owners; the inbox owns nothing. It needs no bound of its
// own, because each pushed item holds room elsewhere (event::Budget) or exists once.
#pragma once

#include <atomic>

namespace rmq::base {

class InboxItem {
 public:
  virtual ~InboxItem() = default;
  // Runs on the loop thread.
  virtual void run_on_loop() noexcept = 0;

 private:
  friend class Inbox;
  InboxItem* next_ = nullptr;
};

class Inbox {
 public:
  enum class Pushed {
    first,   // the inbox was empty: the pusher has to wake the loop
    behind,  // somebody else has woken the loop, or is about to
    closed,  // not taken; the item is the pusher's again
  };

  Pushed push(InboxItem& item) noexcept {
    InboxItem* head = head_.load(std::memory_order_relaxed);
    do {
      if (head == closed_mark()) return Pushed::closed;
      item.next_ = head;
    } while (!head_.compare_exchange_weak(head, &item, std::memory_order_release,
                                          std::memory_order_relaxed));
    return head == nullptr ? Pushed::first : Pushed::behind;
  }

  // Runs everything that was pushed so far. Returns false when there was nothing.
  bool run_all() noexcept {
    InboxItem* taken = head_.load(std::memory_order_relaxed);
    if (taken == closed_mark()) return false;
    taken = head_.exchange(nullptr, std::memory_order_acquire);
    if (!taken) return false;
    InboxItem* in_order = nullptr;
    while (taken) {
      InboxItem* next = taken->next_;
      taken->next_ = in_order;
      in_order = taken;
      taken = next;
    }
    while (in_order) {
      InboxItem* item = in_order;
      in_order = item->next_;  // read first: the item may be gone after it ran
      item->run_on_loop();
    }
    return true;
  }

  // Takes nothing from here on. False, and nothing is changed, while something waits to be run: no
  // item is ever left behind. Loop thread, not inside run_all().
  bool try_close() noexcept {
    InboxItem* empty = nullptr;
    return head_.compare_exchange_strong(empty, closed_mark(), std::memory_order_acq_rel) ||
           empty == closed_mark();
  }

 private:
  InboxItem* closed_mark() noexcept { return reinterpret_cast<InboxItem*>(this); }

  std::atomic<InboxItem*> head_{nullptr};
};

}  // namespace rmq::base
