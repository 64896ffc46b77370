#include "lanes.h"

#include <pthread.h>

extern uint32_t ck_sign_masks[256][8] __attribute__((visibility("hidden")));
void ck_fill_sign_masks(void) __attribute__((visibility("hidden")));

uint32_t ck_sign_masks[256][8];

static void fill_sign_masks(void) {
  for (int signs = 0; signs < 256; signs++)
    for (int lane = 0; lane < 8; lane++) ck_sign_masks[signs][lane] = (uint32_t)(signs >> lane & 1) << 31;
}

void ck_fill_sign_masks(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, fill_sign_masks);
}
