/* GGUF Q6_K: 256 nibbles, 256 upper pairs of bits, scales of 16 groups, a half. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 210
#define CK_BODY "q6_k.inc"
#include "each_set.h"

const ck_row_kernels *ck_q6_k_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
