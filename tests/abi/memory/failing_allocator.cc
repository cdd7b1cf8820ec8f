#include "tests/abi/memory/failing_allocator.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace rmq::test::abi {
namespace {

enum class Kind : unsigned char { unknown, library, other };
thread_local Kind thread_kind = Kind::unknown;
thread_local long left_here = 0;  // until the first that fails
thread_local long last_here = 0;  // where `left_here` ends: 0 or below
thread_local bool is_spared = false;
thread_local bool is_openssl_spared = false;
std::atomic<long> left_in_library{0};
std::atomic<long> last_in_library{0};
std::atomic<long> count{0};
std::atomic<std::size_t> largest_freed{0};  // by the loop thread

// The loop thread of the library under test; the embedded broker's has another name.
bool is_library_thread() {
  if (thread_kind == Kind::unknown) {
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    thread_kind = std::strcmp(name, "rmq-loop") == 0 ? Kind::library : Kind::other;
  }
  return thread_kind == Kind::library;
}

bool shall_fail() {
  if (is_spared) return false;
  if (left_here > last_here) {
    count.fetch_add(1);
    return --left_here <= 0;
  }
  if (left_in_library.load() <= last_in_library.load() || !is_library_thread()) return false;
  count.fetch_add(1);
  return left_in_library.fetch_sub(1) <= 1;
}

void* allocate(std::size_t bytes) {
  return shall_fail() ? nullptr : std::malloc(bytes ? bytes : 1);
}

void release(void* memory) {
  if (memory != nullptr && is_library_thread()) {
    const std::size_t bytes = malloc_usable_size(memory);
    std::size_t largest = largest_freed.load();
    while (largest < bytes && !largest_freed.compare_exchange_weak(largest, bytes)) {
    }
  }
  std::free(memory);
}

void* allocate_for_openssl(std::size_t bytes, const char*, int) {
  return is_openssl_spared ? std::malloc(bytes) : allocate(bytes);
}
void* reallocate_for_openssl(void* memory, std::size_t bytes, const char*, int) {
  return !is_openssl_spared && shall_fail() ? nullptr : std::realloc(memory, bytes);
}
void free_for_openssl(void* memory, const char*, int) { std::free(memory); }

const bool openssl_included =
    CRYPTO_set_mem_functions(allocate_for_openssl, reallocate_for_openssl, free_for_openssl) == 1;

}  // namespace

void fail_allocation_of_this_thread(long n, long in_a_row) {
  count = 0;
  last_here = n > 0 ? 1 - in_a_row : 0;
  left_here = n;
}
void fail_allocation_of_library(long n, long in_a_row) {
  count = 0;
  last_in_library = n > 0 ? 1 - in_a_row : 0;
  left_in_library = n;
}
long count_allocations() { return count; }
void spare_this_thread(bool spared) { is_spared = spared; }
void spare_openssl(bool spared) { is_openssl_spared = spared; }
std::size_t largest_freed_by_loop() { return largest_freed; }
bool is_openssl_included() { return openssl_included; }

}  // namespace rmq::test::abi

void* operator new(std::size_t bytes) {
  if (void* memory = rmq::test::abi::allocate(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return rmq::test::abi::allocate(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return rmq::test::abi::allocate(bytes);
}
void operator delete(void* memory) noexcept { rmq::test::abi::release(memory); }
void operator delete[](void* memory) noexcept { rmq::test::abi::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { rmq::test::abi::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { rmq::test::abi::release(memory); }
