/* Encodes GGUF MXFP4. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 17
#define CK_BODY "encode_mxfp4.inc"
#include "each_set.h"

ck_encode ck_mxfp4_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
