/* Encodes GGUF Q3_K. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 110
#define CK_BODY "encode_q3_k.inc"
#include "each_set.h"

ck_encode ck_q3_k_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
