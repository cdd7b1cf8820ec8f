#include "base/thread.h"

#include <dlfcn.h>
#include <signal.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

namespace rmq::base {
namespace {

struct Start {
  std::function<void()> entry;
  char name[16];  // Linux allows 15 bytes and the zero
};

void* run_thread(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
#ifdef __APPLE__
  pthread_setname_np(start->name);
#else
  pthread_setname_np(pthread_self(), start->name);
#endif
  try {
    start->entry();
  } catch (...) {
    // The edge: entries report their own failures. Nobody is left to hear of an exception that
    // comes as far as here, and it must not end the process.
  }
  return nullptr;
}

int create(pthread_t* thread, std::size_t stack_bytes, Start* start) {
  pthread_attr_t attributes;
  int failed = pthread_attr_init(&attributes);
  if (failed) return failed;
  if (stack_bytes != 0) failed = pthread_attr_setstacksize(&attributes, stack_bytes);
  if (!failed) {
    // A new thread inherits the mask, so there is no moment at which it could take a signal.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(thread, &attributes, run_thread, start);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  pthread_attr_destroy(&attributes);
  return failed;
}

}  // namespace

Status Thread::start(std::string_view name, std::function<void()> entry, std::size_t stack_bytes) {
  if (started_) return make_error(ErrorCode::INTERNAL, "a thread was started twice");
  auto start = std::make_unique<Start>();
  start->entry = std::move(entry);
  const std::string full = "rmq-" + std::string(name.substr(0, sizeof start->name - 5));
  std::memcpy(start->name, full.c_str(), full.size() + 1);

  const int failed = create(&thread_, stack_bytes, start.get());
  if (failed) {
    return make_error(ErrorCode::THREADS, "creating thread " + full + ": " + std::strerror(failed),
                      "check the limits on threads and memory of this process");
  }
  start.release();  // run_thread owns it
  started_ = true;
  return {};
}

void Thread::join() {
  if (!started_) return;
  pthread_join(thread_, nullptr);
  started_ = false;
}

void Thread::abandon() {
  if (!started_) return;
  // Failing is right for a program that has the library linked in: its code never goes away.
  Dl_info library;
  if (dladdr(reinterpret_cast<void*>(&run_thread), &library) != 0) {
    void* pinned = dlopen(library.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
    if (pinned != nullptr) dlclose(pinned);
  }
  pthread_detach(thread_);
  started_ = false;
}

}  // namespace rmq::base
