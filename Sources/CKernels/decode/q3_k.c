/* GGUF Q3_K: 256 third bits, 256 quants of 2 bits, scales of 16 groups, a half. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 110
#define CK_BODY "q3_k.inc"
#include "each_set.h"

const ck_row_kernels *ck_q3_k_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
