// operator new and OpenSSL's allocator of a whole test program, which fail when told so. One plan
// at a time.
#pragma once

namespace rmq::test::abi {

// Fails the n-th allocation from now on (from 1) and those behind it, `in_a_row` of them: of the
// calling thread, or of the threads that the library made. 0: none.
void fail_allocation_of_this_thread(long n, long in_a_row = 1);
void fail_allocation_of_library(long n, long in_a_row = 1);
// How many allocations there were since then.
long count_allocations();

// Each loop thread that the library makes from now on has a number, from `first` on, and fails the
// allocation of its own with that number. 0: none does.
void fail_allocation_of_new_loops(long first, long in_a_row = 1);
// How many of these loop threads came to the allocation that failed.
long count_failed_loops();

// Whether OpenSSL's allocations fail, too: it had to be told before its first one.
bool is_openssl_included();

}  // namespace rmq::test::abi
