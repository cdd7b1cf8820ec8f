// Keeps the numbers 0, 1 and 2 away from libuv. Where a host has closed its standard streams the
// kernel gives those numbers to whoever opens something next. libuv ends the process when it is to
// close a descriptor with such a number.
#pragma once

namespace rmq::transport {

// While it lives, nothing that is opened gets a number below 3. Costs three system calls where the
// standard streams are open. Any thread.
class StandardDescriptors {
 public:
  StandardDescriptors() noexcept;
  ~StandardDescriptors();
  StandardDescriptors(const StandardDescriptors&) = delete;
  StandardDescriptors& operator=(const StandardDescriptors&) = delete;

  static bool is_one(int descriptor) { return descriptor >= 0 && descriptor <= 2; }

 private:
  bool is_held_[3] = {false, false, false};
};

}  // namespace rmq::transport
