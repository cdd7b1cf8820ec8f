/* Counts the calls of malloc and its relatives in the whole process, the library's included. glibc
 * only. */
#include "allocation_count.h"

#include <stdlib.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* block, size_t size);

static unsigned long count;

unsigned long allocation_count(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

static void add_one(void) { __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED); }

void* malloc(size_t size) {
  add_one();
  return __libc_malloc(size);
}

void* calloc(size_t elements, size_t size) {
  add_one();
  return __libc_calloc(elements, size);
}

void* realloc(void* block, size_t size) {
  add_one();
  return __libc_realloc(block, size);
}
