#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

/* Allocations of the process so far. */
unsigned long allocation_count(void);

#endif
