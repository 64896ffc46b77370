/* Kernels that do not depend on a stored type. */
#define CK_BODY "vectors.inc"
#include "each_set.h"

const ck_kernels *ck_vector_kernels(ck_set set) { CK_SELECT(set, kernels) }
