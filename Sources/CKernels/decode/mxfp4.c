/* GGUF MXFP4: an exponent, 32 nibbles that are 4-bit floats. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 17
#define CK_BODY "mxfp4.inc"
#include "each_set.h"

const ck_row_kernels *ck_mxfp4_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
