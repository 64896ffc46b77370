/* GGUF IQ4_NL: a scale in half precision, then 32 nibbles that choose among 16 steps. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 18
#define CK_BODY "iq4_nl.inc"
#include "each_set.h"

const ck_row_kernels *ck_iq4_nl_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
