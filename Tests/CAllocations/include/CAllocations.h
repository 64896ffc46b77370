/* Counts what a thread allocates, for tests that hold loops to allocating nothing. */
#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/* Allocations of this thread so far; -1 where they are not counted: elsewhere than on glibc, and under a sanitizer, which
 * has an allocator of its own. */
long allocations_of_this_thread(void);

#endif
