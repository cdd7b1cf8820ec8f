// Keeps the numbers 0, 1 and 2 away from libuv. Where a host has closed its standard streams the
// kernel gives those numbers to whoever opens something next. libuv ends the process when it is to
// close a descriptor with such a number.
#pragma once

namespace rmq::transport {

// While one lives, nothing that is opened gets a number below 3. All that live at once share what
// fills the numbers: the end of one does not free a number under another. Costs three system calls
// where the standard streams are open. Any thread.
class StandardDescriptors {
 public:
  StandardDescriptors() noexcept;
  ~StandardDescriptors();
  StandardDescriptors(const StandardDescriptors&) = delete;
  StandardDescriptors& operator=(const StandardDescriptors&) = delete;

  static bool is_one(int descriptor) { return descriptor >= 0 && descriptor <= 2; }
};

}  // namespace rmq::transport
