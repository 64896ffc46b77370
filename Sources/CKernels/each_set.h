/* Compiles the file CK_BODY once for every instruction set of the architecture.
 *
 * The body names its functions CK(name) and marks them CK_FUNCTION or CK_INLINE. Sets come from
 * attributes, not from compiler flags, so that no other code can come to depend on them. */
#include "lanes.h"

#define CK_JOIN_(name, set) name##_##set
#define CK_JOIN(name, set) CK_JOIN_(name, set)
#define CK(name) CK_JOIN(name, CK_SET)
#define CK_FUNCTION static CK_TARGET
#define CK_INLINE static inline __attribute__((always_inline)) CK_TARGET

#if defined(__x86_64__)

/* 16 registers of 8 floats: 12 sums, 3 rows and a token. */
#define CK_SET avx2
#define CK_TARGET __attribute__((target("avx2,fma,f16c")))
#define CK_WIDTH 8
#define CK_TILE_ROWS 3
#define CK_TILE_TOKENS 4
#include CK_BODY
#undef CK_SET
#undef CK_TARGET
#undef CK_WIDTH
#undef CK_TILE_ROWS
#undef CK_TILE_TOKENS

/* 32 registers of 16 floats: 24 sums, 4 rows and a token. */
#define CK_SET avx512
#define CK_TARGET __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"), min_vector_width(512)))
#define CK_WIDTH 16
#define CK_TILE_ROWS 4
#define CK_TILE_TOKENS 6
#include CK_BODY
#undef CK_SET
#undef CK_TARGET
#undef CK_WIDTH
#undef CK_TILE_ROWS
#undef CK_TILE_TOKENS

#define CK_SELECT(set, table)                    \
  ck_fill_half_values();                         \
  if (set == ck_avx512) return &table##_avx512; \
  if (set == ck_avx2) return &table##_avx2;     \
  return NULL;

#define CK_SELECT_FUNCTION(set, name)          \
  if (set == ck_avx512) return name##_avx512; \
  if (set == ck_avx2) return name##_avx2;     \
  return NULL;

#elif defined(__aarch64__)

/* 32 registers of 4 floats: 24 sums, 4 rows and a token. */
#define CK_SET neon
#define CK_TARGET
#define CK_WIDTH 4
#define CK_TILE_ROWS 4
#define CK_TILE_TOKENS 6
#include CK_BODY
#undef CK_SET
#undef CK_TARGET
#undef CK_WIDTH
#undef CK_TILE_ROWS
#undef CK_TILE_TOKENS

#define CK_SELECT(set, table)                \
  if (set == ck_neon) return &table##_neon; \
  return NULL;

#define CK_SELECT_FUNCTION(set, name)      \
  if (set == ck_neon) return name##_neon; \
  return NULL;

#else

#define CK_SELECT(set, table) \
  (void)set;                  \
  return NULL;

#define CK_SELECT_FUNCTION(set, name) CK_SELECT(set, name)

#endif
