// Doubly linked lists through members of the listed objects. Linking allocates nothing, and an
// object leaves its list without being told which one it is in.
#pragma once

#include <cassert>

namespace rmq::base {

// Base of what may be listed. Tag tells the lists of one class apart (a class may have several
// nodes with different tags).
template <typename Tag>
class ListNode {
 public:
  ListNode() = default;
  ~ListNode() { assert(!is_linked() && "destroyed while a list refers to it"); }
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

  bool is_linked() const { return next_ != nullptr; }
  void unlink() {  // of a list that it is in
    assert(is_linked() && "taken off a list that it is not in");
    prev_->next_ = next_;
    next_->prev_ = prev_;
    prev_ = next_ = nullptr;
  }
  void unlink_if_linked() {
    if (is_linked()) unlink();
  }

 private:
  template <typename T, typename OtherTag>
  friend class IntrusiveList;
  ListNode* prev_ = nullptr;
  ListNode* next_ = nullptr;
};

// Does not own its elements, which must leave it before they or it are destroyed. T derives from
// ListNode<Tag>; a T that does so privately befriends the list.
template <typename T, typename Tag>
class IntrusiveList {
 public:
  IntrusiveList() { head_.prev_ = head_.next_ = &head_; }
  ~IntrusiveList() {
    assert(is_empty() && "destroyed with elements");
    head_.prev_ = head_.next_ = nullptr;
  }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool is_empty() const { return head_.next_ == &head_; }
  T* front() { return is_empty() ? nullptr : static_cast<T*>(head_.next_); }
  T* back() { return is_empty() ? nullptr : static_cast<T*>(head_.prev_); }
  // Null after the last one.
  T* next_of(T& element) {
    assert(static_cast<ListNode<Tag>&>(element).is_linked() && "in no list");
    ListNode<Tag>* next = static_cast<ListNode<Tag>&>(element).next_;
    return next == &head_ ? nullptr : static_cast<T*>(next);
  }

  void push_back(T& element) {
    ListNode<Tag>& node = element;
    assert(!node.is_linked() && "in a list already");
    node.prev_ = head_.prev_;
    node.next_ = &head_;
    head_.prev_->next_ = &node;
    head_.prev_ = &node;
  }
  T* pop_front() {  // null when empty
    T* element = front();
    if (element != nullptr) static_cast<ListNode<Tag>*>(element)->unlink();
    return element;
  }

 private:
  ListNode<Tag> head_;  // a ring
};

}  // namespace rmq::base
