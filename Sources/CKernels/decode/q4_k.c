/* GGUF Q4_K: two halves, scales and minima of 8 groups, 256 nibbles. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 144
#define CK_BODY "q4_k.inc"
#include "each_set.h"

const ck_row_kernels *ck_q4_k_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
