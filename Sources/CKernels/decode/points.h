/* The points of a type that rounds several values to one: where its kernels find them. The including file defines
 *   CK_POINT_VALUES  4 or 8
 *   CK_POINTS        how many there are, where so few values are kept as floats, which spares widening them */
#include "lanes.h"

#include <pthread.h>

/* As they are given: signed bytes. */
static const int8_t *ck_points;

#ifdef CK_POINTS
static _Alignas(64) float ck_point_floats[CK_POINTS * CK_POINT_VALUES];
#endif

/* The first to come sets them, before kernels are known to anybody; from then on they are only read. */
static void ck_set_points(const int8_t *points) {
  if (__atomic_load_n(&ck_points, __ATOMIC_ACQUIRE)) return;
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  if (!ck_points) {
#ifdef CK_POINTS
    for (int i = 0; i < CK_POINTS * CK_POINT_VALUES; i++) ck_point_floats[i] = points[i];
#endif
    __atomic_store_n(&ck_points, points, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&mutex);
}
