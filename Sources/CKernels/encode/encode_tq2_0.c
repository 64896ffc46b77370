/* Encodes GGUF TQ2_0. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 66
#define CK_BODY "encode_tq2_0.inc"
#include "each_set.h"

ck_encode ck_tq2_0_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
