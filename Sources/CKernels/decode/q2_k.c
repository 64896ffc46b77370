/* GGUF Q2_K: scales and minima of 16 groups, 256 quants of 2 bits, two halves. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 84
#define CK_BODY "q2_k.inc"
#include "each_set.h"

const ck_row_kernels *ck_q2_k_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
