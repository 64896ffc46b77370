/* Prints the tensors of a bundle: cc -std=c11 -o list list.c && ./list pair.griffin [--check] [NAME] */
#include <stdio.h>
#include <string.h>

#define GRIFFIN_IMPLEMENTATION
#include "griffin.h"

static void show(const griffin_tensor *tensor) {
  printf("%s %s [", tensor->name, tensor->type);
  for (int i = 0; i < tensor->rank; i++) printf("%s%lld", i ? ", " : "", (long long)tensor->shape[i]);
  printf("] %lld bytes", (long long)tensor->bytes);
  const unsigned char *bytes = tensor->data;
  for (long long i = 0; i < tensor->bytes && i < 8; i++) printf("%s%02x", i ? "" : " ", bytes[i]);
  printf("\n");
}

int main(int count, char **arguments) {
  griffin_bundle *bundle;
  griffin_error error;
  if (count < 2) {
    fprintf(stderr, "list BUNDLE [--check] [NAME]\n");
    return 64;
  }
  if (griffin_open(arguments[1], &bundle, &error) != GRIFFIN_OK) {
    fprintf(stderr, "error: %s\n", error.message);
    return error.status == GRIFFIN_IO ? 74 : 65;
  }
  int status = 0;
  if (count > 2 && strcmp(arguments[2], "--check")) {
    const griffin_tensor *tensor = griffin_find(bundle, arguments[2]);
    if (tensor) show(tensor);
    status = tensor ? 0 : 1;
  } else {
    printf("%s\n", griffin_digest(bundle));
    for (size_t i = 0; i < griffin_tensor_count(bundle); i++) show(griffin_tensor_at(bundle, i));
    for (size_t i = 0; count > 2 && i < griffin_payload_count(bundle); i++)
      if (!griffin_check_payload(bundle, i)) {
        fprintf(stderr, "payload %zu is not what its SHA-256 says\n", i);
        status = 1;
      }
  }
  griffin_close(bundle);
  return status;
}
