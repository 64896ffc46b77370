/* Encodes GGUF Q5_1. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 24
#define CK_BITS 5
#define CK_BODY "encode_classic_affine.inc"
#include "each_set.h"

ck_encode ck_q5_1_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
