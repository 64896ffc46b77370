/* Encodes GGUF IQ2_XXS. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 66
#define CK_BODY "encode_iq2_xxs.inc"
#include "each_set.h"

ck_encode ck_iq2_xxs_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
