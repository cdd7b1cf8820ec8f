// operator new and OpenSSL's allocator of a whole test program, which fail when told so. One plan
// at a time.
#pragma once

#include <cstddef>

namespace rmq::test::abi {

// Fails the n-th allocation from now on (from 1) and those behind it, `in_a_row` of them: of the
// calling thread, or of the threads that the library made. 0: none.
void fail_allocation_of_this_thread(long n, long in_a_row = 1);
void fail_allocation_of_library(long n, long in_a_row = 1);
// How many allocations there were since then.
long count_allocations();

// While a thread is spared, its allocations are neither failed nor counted.
void spare_this_thread(bool spared);
void spare_openssl(bool spared);  // its allocations on this thread alone

// The largest block that the loop thread of the library has freed with operator delete.
std::size_t largest_freed_by_loop();

// Whether OpenSSL's allocations fail, too: it had to be told before its first one.
bool is_openssl_included();

}  // namespace rmq::test::abi
