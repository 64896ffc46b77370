#include "lanes.h"

#if defined(__x86_64__)

float ck_half_values[1 << 16];

/* A half's exponent and fraction, read as a float's, are 2^112 times too small: subnormals too. */
__attribute__((constructor)) static void ck_fill_half_values(void) {
  for (uint32_t half = 0; half < 1 << 16; half++) {
    const uint32_t shifted = (half & 0x7fff) << 13;
    float magnitude;
    __builtin_memcpy(&magnitude, &shifted, sizeof magnitude);
    magnitude *= 0x1p112f;
    uint32_t bits;
    __builtin_memcpy(&bits, &magnitude, sizeof bits);
    /* Infinity and NaNs keep their fraction; NaNs are made quiet, as processors do. */
    if (shifted >= 0x0f800000) bits = 0x7f800000 | shifted | (shifted > 0x0f800000 ? 0x00400000 : 0);
    bits |= (half & 0x8000) << 16;
    __builtin_memcpy(ck_half_values + half, &bits, sizeof bits);
  }
}

#endif
