/* Encodes GGUF IQ2_XS. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 74
#define CK_BODY "encode_iq2_xs.inc"
#include "each_set.h"

ck_encode ck_iq2_xs_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
