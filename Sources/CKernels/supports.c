/* What the processor and the operating system support. */
#include "CKernels.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* The state components that the system saves on a context switch. */
static uint64_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

bool ck_supports(ck_set set) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  const unsigned needed = bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C;
  if ((c & needed) != needed) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const uint64_t state = saved_state();
  /* SSE and AVX registers; for AVX-512 also masks and both halves of the wide registers. */
  const bool avx2 = (state & 0x06) == 0x06 && (b & bit_AVX2);
  const unsigned wide = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
  if (set == ck_avx2) return avx2;
  if (set == ck_avx512) return avx2 && (state & 0xE6) == 0xE6 && (b & wide) == wide;
  return false;
}

#elif defined(__aarch64__)

bool ck_supports(ck_set set) { return set == ck_neon; }

#else

bool ck_supports(ck_set set) {
  (void)set;
  return false;
}

#endif
