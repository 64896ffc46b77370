#include "CBuild.h"

#ifndef GRIFFIN_COMMIT
#define GRIFFIN_COMMIT ""
#endif

const char *griffin_build_commit(void) { return GRIFFIN_COMMIT; }
