/* GGUF IQ4_XS: a half, scales of 8 groups, 256 nibbles that choose among 16 steps. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 136
#define CK_BODY "iq4_xs.inc"
#include "each_set.h"

const ck_row_kernels *ck_iq4_xs_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
