/* GGUF Q5_K: two halves, scales and minima of 8 groups, 256 fifth bits, 256 nibbles. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 176
#define CK_BODY "q5_k.inc"
#include "each_set.h"

const ck_row_kernels *ck_q5_k_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
