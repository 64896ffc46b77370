/* Encodes GGUF IQ3_XXS. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 98
#define CK_BODY "encode_iq3_xxs.inc"
#include "each_set.h"

ck_encode ck_iq3_xxs_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
