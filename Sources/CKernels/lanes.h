/* The 16 lanes of every sum. The compiler maps them to one, two or four registers. */
#ifndef CK_LANES_H
#define CK_LANES_H

#include "CKernels.h"

/* A product and a sum stay two operations unless a kernel says that they are one. */
#pragma clang fp contract(off)

/* Functions that take vectors are always inlined, so how they would be passed does not matter. */
#pragma clang diagnostic ignored "-Wpsabi"

/* Tokens of which a panel's columns stay in the first-level cache. */
enum { ck_few_tokens = 8 };

/* The most tokens whose sums stay in registers while a row's values are made for them. */
enum { ck_direct_tokens = 4 };

/* Floats of tokens that the first-level cache holds beside what passes by. */
enum { ck_near_floats = 6144 };

enum { ck_lane_count = 16 };

typedef float ck_lanes __attribute__((ext_vector_type(16)));
typedef uint32_t ck_bits __attribute__((ext_vector_type(16)));
typedef int32_t ck_integers __attribute__((ext_vector_type(16)));
typedef uint16_t ck_shorts __attribute__((ext_vector_type(16)));
typedef int8_t ck_bytes __attribute__((ext_vector_type(16)));
typedef uint8_t ck_octets __attribute__((ext_vector_type(16)));
typedef uint8_t ck_run __attribute__((ext_vector_type(32)));
typedef _Float16 ck_halves __attribute__((ext_vector_type(16)));
typedef double ck_doubles __attribute__((ext_vector_type(16)));

/* Keeps an array in memory, from where one value reaches all lanes, and bytes are widened, at the cost of a load; left to
 * itself the compiler holds it in registers and moves values between them. */
#define CK_IN_MEMORY(array) __asm__("" : "+m"(array))

#if defined(__x86_64__)
/* What each half stands for. Filled when kernels are first asked for, then only read. */
extern float ck_half_values[1 << 16] __attribute__((visibility("hidden")));
void ck_fill_half_values(void) __attribute__((visibility("hidden")));
#endif

#endif
