// operator new of a whole test program, which fails when told so. One place of failure at a time.
#pragma once

namespace rmq::test::abi {

// Fails the n-th allocation from now on (from 1), once: of the calling thread, or of the threads
// that the library made; there `in_a_row` of them. 0: none.
void fail_allocation_of_this_thread(long n);
void fail_allocation_of_library(long n, long in_a_row = 1);
// How many allocations there were since then.
long count_allocations();

}  // namespace rmq::test::abi
