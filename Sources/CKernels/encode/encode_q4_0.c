/* Encodes GGUF Q4_0. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 18
#define CK_BITS 4
#define CK_BODY "encode_classic_signed.inc"
#include "each_set.h"

ck_encode ck_q4_0_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
