/* Encodes GGUF Q4_1. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 20
#define CK_BITS 4
#define CK_BODY "encode_classic_affine.inc"
#include "each_set.h"

ck_encode ck_q4_1_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
