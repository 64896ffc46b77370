/* Reads griffin bundles in C11, as formats/bundle.md defines them: one header, POSIX mmap, no other library.
 *
 *   griffin_bundle *bundle;
 *   griffin_error error;
 *   if (griffin_open("pair.griffin", &bundle, &error) != GRIFFIN_OK) { fprintf(stderr, "%s\n", error.message); ... }
 *   const griffin_tensor *norm = griffin_find(bundle, "target/model.norm.weight");
 *   const float *values = norm->data;          in the mapped file: nothing is copied, and nothing is read before it is touched
 *   griffin_close(bundle);
 *
 * On opening, header and manifest are checked rule by rule, payloads are not read: griffin_check_payload holds one against its
 * SHA-256. Beside the mapping, memory is proportional to the manifest. Everything is bounds-checked; a file of any bytes is
 * refused or read right. One translation unit defines GRIFFIN_IMPLEMENTATION before including this.
 */
#ifndef GRIFFIN_H
#define GRIFFIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { GRIFFIN_OK, GRIFFIN_IO, GRIFFIN_MALFORMED, GRIFFIN_UNSUPPORTED, GRIFFIN_UNSAFE } griffin_status;

typedef struct {
  griffin_status status;
  char message[240];
} griffin_error;

#define GRIFFIN_MAX_RANK 8

typedef struct {
  const char *name; /* prefixed by "target/" or "draft/"; ends with a zero */
  const char *type; /* "f16", "q4_k", ... */
  int rank;
  int64_t shape[GRIFFIN_MAX_RANK]; /* outermost first */
  const void *data;                /* in the mapping, at a multiple of 16 KiB of the file */
  int64_t bytes;
  uint32_t payload; /* tensors that share one have one number */
} griffin_tensor;

typedef struct griffin_bundle griffin_bundle;

griffin_status griffin_open(const char *path, griffin_bundle **bundle, griffin_error *error);
void griffin_close(griffin_bundle *bundle);

size_t griffin_tensor_count(const griffin_bundle *bundle);
/* In the order of the manifest. */
const griffin_tensor *griffin_tensor_at(const griffin_bundle *bundle, size_t index);
/* NULL where there is none of that name. */
const griffin_tensor *griffin_find(const griffin_bundle *bundle, const char *name);

/* The bundle's digest, 64 lower-case digits and a zero. */
const char *griffin_digest(const griffin_bundle *bundle);
/* The manifest as it stands in the file, for any JSON parser. */
const char *griffin_manifest(const griffin_bundle *bundle, size_t *bytes);

/* Payloads hold tensors and attachments. Whether one is what its SHA-256 says: reads it. */
size_t griffin_payload_count(const griffin_bundle *bundle);
int griffin_check_payload(const griffin_bundle *bundle, size_t index);

#ifdef __cplusplus
}
#endif
#endif /* GRIFFIN_H */

#ifdef GRIFFIN_IMPLEMENTATION
#undef GRIFFIN_IMPLEMENTATION

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef O_CLOEXEC /* under -std=c11 without POSIX's names */
#define O_CLOEXEC 0
#endif

enum {
  griffin_header_bytes = 128,
  griffin_alignment = 16384,
  griffin_max_depth = 32,
  griffin_max_values = 8388608,
  griffin_max_string = 16 << 20,
  griffin_max_manifest = 64 << 20,
  griffin_max_tensors = 262144,
  griffin_max_payloads = 266240,
  griffin_max_attachments = 4096,
  griffin_max_provenance = 65536,
  griffin_max_metadata = 4096,
  griffin_max_importance = 256,
  griffin_max_importance_texts = 4096
};

/* ---- SHA-256 (FIPS 180-4) ---- */

typedef struct {
  uint32_t state[8];
  uint64_t bytes;
  uint8_t block[64];
} griffin_sha256;

static const uint32_t griffin_sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t griffin_rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void griffin_sha256_block(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (griffin_rotate(a, 7) ^ griffin_rotate(a, 18) ^ a >> 3) +
           (griffin_rotate(b, 17) ^ griffin_rotate(b, 19) ^ b >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t e = s[4], a = s[0];
    uint32_t one = s[7] + (griffin_rotate(e, 6) ^ griffin_rotate(e, 11) ^ griffin_rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
                   griffin_sha256_constants[i] + w[i];
    uint32_t two = (griffin_rotate(a, 2) ^ griffin_rotate(a, 13) ^ griffin_rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    for (int k = 7; k > 0; k--) s[k] = s[k - 1];
    s[4] += one;
    s[0] = one + two;
  }
  for (int k = 0; k < 8; k++) state[k] += s[k];
}

static void griffin_sha256_digest(const uint8_t *bytes, size_t count, uint8_t digest[32]) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  size_t whole = count / 64 * 64, rest = count - whole;
  for (size_t at = 0; at < whole; at += 64) griffin_sha256_block(state, bytes + at);
  uint8_t tail[128] = {0};
  if (rest) memcpy(tail, bytes + whole, rest);
  tail[rest] = 0x80;
  size_t end = rest < 56 ? 64 : 128;
  for (int i = 0; i < 8; i++) tail[end - 1 - (size_t)i] = (uint8_t)((uint64_t)count * 8 >> 8 * i);
  for (size_t at = 0; at < end; at += 64) griffin_sha256_block(state, tail + at);
  for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void griffin_hexadecimal(const uint8_t digest[32], char text[65]) {
  for (int i = 0; i < 32; i++) {
    text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
  text[64] = 0;
}

/* ---- JSON: strict, into a flat list of values in document order ---- */

typedef enum { griffin_null, griffin_bool, griffin_integer, griffin_number, griffin_string, griffin_array, griffin_object } griffin_kind;

typedef struct {
  uint32_t start, end; /* of its text; of a string without the quotes */
  uint32_t after;      /* the value after this one and all in it */
  uint32_t count;      /* elements or members; a member is a string and then its value */
  uint8_t kind;
  uint8_t escapes; /* whether a string has any */
} griffin_value;

typedef struct {
  uint32_t key;
  uint64_t hash;
} griffin_key;

struct griffin_bundle {
  const uint8_t *map;
  uint64_t map_bytes;
  const uint8_t *json;
  uint32_t json_bytes;
  griffin_value *values;
  uint32_t value_count, value_room;
  griffin_tensor *tensors;
  uint32_t tensor_count;
  uint32_t *slots; /* tensors by name: indices plus one, open addressing */
  uint32_t slot_mask;
  char *names;
  uint32_t payloads, payload_count; /* the array's value, and its elements */
  uint32_t *payload_values;         /* the object of each payload */
  char digest[65];
  griffin_error *error;
};

static griffin_status griffin_fail(griffin_bundle *b, griffin_status status, const char *format, ...) {
  if (b->error && b->error->status == GRIFFIN_OK) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(b->error->message, sizeof b->error->message, format, arguments);
    va_end(arguments);
    b->error->status = status;
    /* What a file says never steers a terminal. */
    for (char *c = b->error->message; *c; c++)
      if ((uint8_t)*c < 0x20 || (uint8_t)*c >= 0x7F) *c = '?';
  }
  return status;
}

/* The scalar at a place of UTF-8 that ends before `end`; 0 bytes where it is none. */
static int griffin_scalar(const uint8_t *p, const uint8_t *end, uint32_t *scalar) {
  uint8_t lead = *p;
  if (lead < 0x80) {
    *scalar = lead;
    return 1;
  }
  int count = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || end - p < count) return 0;
  uint32_t value = lead & (0x7F >> count);
  for (int i = 1; i < count; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
    value = value << 6 | (p[i] & 0x3F);
  }
  if ((count == 3 && value < 0x800) || (count == 4 && (value < 0x10000 || value > 0x10FFFF)) || (value >= 0xD800 && value < 0xE000)) return 0;
  *scalar = value;
  return count;
}

static int griffin_hex4(const uint8_t *p, const uint8_t *end, uint32_t *unit) {
  if (end - p < 4) return 0;
  *unit = 0;
  for (int i = 0; i < 4; i++) {
    uint8_t c = p[i], digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
    if (digit > 15) return 0;
    *unit = *unit << 4 | digit;
  }
  return 1;
}

/* One scalar of a string's text, escapes undone; the bytes that it takes, or 0 where it is wrong. */
static int griffin_next(const uint8_t *p, const uint8_t *end, uint32_t *scalar) {
  if (*p < 0x20) return 0;
  if (*p != '\\') return griffin_scalar(p, end, scalar);
  if (end - p < 2) return 0;
  switch (p[1]) {
  case '"': case '\\': case '/': *scalar = p[1]; return 2;
  case 'b': *scalar = 8; return 2;
  case 'f': *scalar = 12; return 2;
  case 'n': *scalar = 10; return 2;
  case 'r': *scalar = 13; return 2;
  case 't': *scalar = 9; return 2;
  case 'u': break;
  default: return 0;
  }
  uint32_t unit, low;
  if (!griffin_hex4(p + 2, end, &unit)) return 0;
  *scalar = unit;
  if (unit < 0xD800 || unit > 0xDFFF) return 6;
  if (unit > 0xDBFF || end - p < 12 || p[6] != '\\' || p[7] != 'u' || !griffin_hex4(p + 8, end, &low) || low < 0xDC00 || low > 0xDFFF) return 0;
  *scalar = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  return 12;
}

/* Goes through a string's scalars: `at` from its start, until it is its end. */
static uint32_t griffin_step(const griffin_bundle *b, const griffin_value *v, uint32_t *at) {
  uint32_t scalar = 0;
  int count = griffin_next(b->json + *at, b->json + v->end, &scalar);
  *at = count > 0 ? *at + (uint32_t)count : v->end;
  return scalar;
}

static int griffin_same(const griffin_bundle *b, const griffin_value *x, const griffin_value *y) {
  uint32_t i = x->start, k = y->start;
  while (i < x->end && k < y->end)
    if (griffin_step(b, x, &i) != griffin_step(b, y, &k)) return 0;
  return i >= x->end && k >= y->end;
}

static int griffin_is(const griffin_bundle *b, const griffin_value *v, const char *text) {
  uint32_t at = v->start;
  if (v->kind != griffin_string) return 0;
  for (; *text; text++)
    if (at >= v->end || griffin_step(b, v, &at) != (uint8_t)*text) return 0;
  return at >= v->end;
}

/* UTF-8 of a string's text without escapes, how many bytes it takes; written where there is room. */
static size_t griffin_utf8(const griffin_bundle *b, const griffin_value *v, char *out, size_t room) {
  size_t count = 0;
  for (uint32_t at = v->start; at < v->end;) {
    uint32_t c = griffin_step(b, v, &at);
    uint8_t bytes[4];
    int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--, c >>= 6) bytes[i] = (uint8_t)(0x80 | (c & 0x3F));
    bytes[0] = (uint8_t)(n == 1 ? c : (0xF00 >> n) | c);
    for (int i = 0; i < n; i++, count++)
      if (count < room) out[count] = (char)bytes[i];
  }
  return count;
}

static uint64_t griffin_hash(const griffin_bundle *b, const griffin_value *v) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (uint32_t at = v->start; at < v->end;) hash = (hash ^ griffin_step(b, v, &at)) * 0x100000001b3u;
  return hash ^ hash >> 29;
}

static griffin_status griffin_bad_json(griffin_bundle *b, uint32_t at, const char *what) {
  return griffin_fail(b, GRIFFIN_MALFORMED, "byte %u: %s", griffin_header_bytes + at, what);
}

static uint32_t griffin_space(const griffin_bundle *b, uint32_t at) {
  while (at < b->json_bytes && (b->json[at] == ' ' || b->json[at] == '\n' || b->json[at] == '\r' || b->json[at] == '\t')) at++;
  return at;
}

static griffin_value *griffin_push(griffin_bundle *b, griffin_kind kind, uint32_t start) {
  if (b->value_count >= griffin_max_values) {
    griffin_fail(b, GRIFFIN_UNSAFE, "the manifest has more than %d values", griffin_max_values);
    return NULL;
  }
  if (b->value_count == b->value_room) {
    uint32_t room = b->value_room ? 2 * b->value_room : 1024;
    griffin_value *larger = realloc(b->values, room * sizeof *larger);
    if (!larger) {
      griffin_fail(b, GRIFFIN_IO, "out of memory");
      return NULL;
    }
    b->values = larger;
    b->value_room = room;
  }
  griffin_value *v = &b->values[b->value_count++];
  memset(v, 0, sizeof *v);
  v->kind = (uint8_t)kind;
  v->start = start;
  v->after = b->value_count;
  return v;
}

/* Reads the string whose quote is at `at`; the byte after it, or 0 where it is wrong. */
static uint32_t griffin_read_string(griffin_bundle *b, uint32_t at) {
  griffin_value *v = griffin_push(b, griffin_string, at + 1);
  if (!v) return 0;
  const uint8_t *p = b->json + at + 1, *end = b->json + b->json_bytes;
  while (p < end && *p != '"') {
    uint32_t scalar;
    int count = griffin_next(p, end, &scalar);
    if (!count) return griffin_bad_json(b, (uint32_t)(p - b->json), "a string holds what JSON does not allow"), 0;
    v->escapes |= *p == '\\';
    p += count;
  }
  if (p >= end) return griffin_bad_json(b, at, "a string does not end"), 0;
  v->end = (uint32_t)(p - b->json);
  if (v->end - v->start > griffin_max_string) return griffin_fail(b, GRIFFIN_UNSAFE, "a string is too long"), 0;
  return v->end + 1;
}

static uint32_t griffin_digits(const griffin_bundle *b, uint32_t at) {
  while (at < b->json_bytes && b->json[at] >= '0' && b->json[at] <= '9') at++;
  return at;
}

static uint32_t griffin_read_number(griffin_bundle *b, uint32_t start) {
  uint32_t at = start + (b->json[start] == '-'), digits = griffin_digits(b, at), end = digits;
  int is_integer = b->json[start] != '-';
  if (digits == at || (b->json[at] == '0' && digits - at > 1)) return griffin_bad_json(b, start, "a number that JSON does not have"), 0;
  if (end < b->json_bytes && b->json[end] == '.') {
    uint32_t fraction = griffin_digits(b, end + 1);
    if (fraction == end + 1) return griffin_bad_json(b, start, "a number has no digits after its point"), 0;
    end = fraction;
    is_integer = 0;
  }
  if (end < b->json_bytes && (b->json[end] | 0x20) == 'e') {
    uint32_t sign = end + 1 + (end + 1 < b->json_bytes && (b->json[end + 1] == '+' || b->json[end + 1] == '-'));
    uint32_t exponent = griffin_digits(b, sign);
    if (exponent == sign) return griffin_bad_json(b, start, "a number has no digits in its exponent"), 0;
    end = exponent;
    is_integer = 0;
  }
  if (end - start > 1024) return griffin_fail(b, GRIFFIN_UNSAFE, "a number is longer than 1024 bytes"), 0;
  char text[1025];
  memcpy(text, b->json + start, end - start);
  text[end - start] = 0;
  double value = strtod(text, NULL);
  if (value - value != 0) return griffin_bad_json(b, start, "a number is beyond what 64-bit floating point holds"), 0;
  griffin_value *v = griffin_push(b, is_integer ? griffin_integer : griffin_number, start);
  if (!v) return 0;
  v->end = end;
  return end;
}

static int griffin_compare_keys(const void *left, const void *right) {
  const griffin_key *x = left, *y = right;
  return x->hash < y->hash ? -1 : x->hash > y->hash ? 1 : x->key < y->key ? -1 : x->key > y->key;
}

/* Whether the keys of an object are all different. Keys of one hash are compared one by one, a thousand at most. */
static griffin_status griffin_check_keys(griffin_bundle *b, uint32_t object, griffin_key *keys) {
  uint32_t count = b->values[object].count, key = object + 1;
  for (uint32_t i = 0; i < count; i++) {
    keys[i].key = key;
    keys[i].hash = griffin_hash(b, &b->values[key]);
    key = b->values[key + 1].after;
  }
  qsort(keys, count, sizeof *keys, griffin_compare_keys);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t k = i + 1; k < count && keys[k].hash == keys[i].hash; k++) {
      if (k - i > 1000) return griffin_fail(b, GRIFFIN_UNSAFE, "too many members of one object have one hash");
      if (griffin_same(b, &b->values[keys[i].key], &b->values[keys[k].key]))
        return griffin_bad_json(b, b->values[keys[k].key].start, "two members of one object have one name");
    }
  }
  return GRIFFIN_OK;
}

static griffin_status griffin_parse(griffin_bundle *b) {
  uint32_t open[griffin_max_depth], depth = 0, most = 0, at = griffin_space(b, 0);
  for (;;) {
    /* A value is due at `at`. */
    if (at >= b->json_bytes) return griffin_bad_json(b, at, "the manifest ends too early");
    uint8_t c = b->json[at];
    if (c == '{' || c == '[') {
      if (depth == griffin_max_depth) return griffin_fail(b, GRIFFIN_UNSAFE, "the manifest is nested deeper than %d", griffin_max_depth);
      if (!griffin_push(b, c == '{' ? griffin_object : griffin_array, at)) return b->error->status;
      open[depth++] = b->value_count - 1;
      at = griffin_space(b, at + 1);
      if (at < b->json_bytes && b->json[at] == (c == '{' ? '}' : ']')) goto close;
      if (c == '[') continue;
      goto key;
    } else if (c == '"') {
      at = griffin_read_string(b, at);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      at = griffin_read_number(b, at);
    } else {
      static const char *const words[] = {"true", "false", "null"};
      uint32_t start = at;
      at = 0;
      for (int i = 0; i < 3; i++) {
        uint32_t length = (uint32_t)strlen(words[i]);
        if (b->json_bytes - start < length || memcmp(b->json + start, words[i], length)) continue;
        griffin_value *v = griffin_push(b, i < 2 ? griffin_bool : griffin_null, start);
        if (!v) return b->error->status;
        at = v->end = start + length;
      }
      if (!at) return griffin_bad_json(b, start, "expected a JSON value");
    }
    if (!at) return b->error->status;
  after:
    /* A value has just ended. */
    at = griffin_space(b, at);
    if (!depth) {
      if (at != b->json_bytes) return griffin_bad_json(b, at, "something follows the manifest");
      break;
    }
    griffin_value *container = &b->values[open[depth - 1]];
    container->count++;
    if (container->count > most) most = container->count;
    if (at >= b->json_bytes) return griffin_bad_json(b, at, "the manifest ends too early");
    if (b->json[at] == ',') {
      at = griffin_space(b, at + 1);
      if (container->kind == griffin_array) continue;
      goto key;
    }
    if (b->json[at] != (container->kind == griffin_object ? '}' : ']')) return griffin_bad_json(b, at, "expected a comma or an end");
  close:
    b->values[open[depth - 1]].after = b->value_count;
    b->values[open[depth - 1]].end = ++at;
    depth--;
    goto after;
  key:
    if (at >= b->json_bytes || b->json[at] != '"') return griffin_bad_json(b, at, "expected a quoted name");
    at = griffin_read_string(b, at);
    if (!at) return b->error->status;
    at = griffin_space(b, at);
    if (at >= b->json_bytes || b->json[at] != ':') return griffin_bad_json(b, at, "expected a colon");
    at = griffin_space(b, at + 1);
  }
  griffin_key *keys = malloc(((size_t)most + 1) * sizeof *keys);
  if (!keys) return griffin_fail(b, GRIFFIN_IO, "out of memory");
  griffin_status status = GRIFFIN_OK;
  for (uint32_t i = 0; i < b->value_count && status == GRIFFIN_OK; i++)
    if (b->values[i].kind == griffin_object) status = griffin_check_keys(b, i, keys);
  free(keys);
  return status;
}

/* ---- The manifest's rules ---- */

/* The value of an object's member of a kind; 0, which is the manifest itself, where it is missing or another. */
static uint32_t griffin_member(griffin_bundle *b, uint32_t object, const char *name, griffin_kind kind) {
  const griffin_value *v = &b->values[object];
  if (v->kind != griffin_object) return griffin_fail(b, GRIFFIN_MALFORMED, "expected an object with %s", name), 0;
  uint32_t key = object + 1;
  for (uint32_t i = 0; i < v->count; i++, key = b->values[key + 1].after) {
    if (!griffin_is(b, &b->values[key], name)) continue;
    if (b->values[key + 1].kind == kind) return key + 1;
    return griffin_bad_json(b, b->values[key + 1].start, "a member is of another type than the format gives it"), 0;
  }
  griffin_fail(b, GRIFFIN_MALFORMED, "byte %u: %s is missing", griffin_header_bytes + v->start, name);
  return 0;
}

/* Like it, but of any kind, and without an error. */
static uint32_t griffin_look(const griffin_bundle *b, uint32_t object, const char *name) {
  uint32_t key = object + 1;
  for (uint32_t i = 0; i < b->values[object].count; i++, key = b->values[key + 1].after)
    if (griffin_is(b, &b->values[key], name)) return key + 1;
  return 0;
}

/* An integer from 0 to 2^63-1; -1 where it is none. */
static int64_t griffin_value_integer(griffin_bundle *b, uint32_t value) {
  const griffin_value *v = &b->values[value];
  uint64_t sum = 0;
  int is_integer = v->kind == griffin_integer;
  for (uint32_t at = v->start; is_integer && at < v->end; at++) {
    if (sum > (INT64_MAX - (uint64_t)(b->json[at] - '0')) / 10) is_integer = 0;
    else sum = sum * 10 + (uint64_t)(b->json[at] - '0');
  }
  if (is_integer) return (int64_t)sum;
  griffin_bad_json(b, v->start, "expected an integer from 0 to 2^63-1");
  return -1;
}

static int64_t griffin_integer_of(griffin_bundle *b, uint32_t object, const char *name) {
  uint32_t value = griffin_member(b, object, name, griffin_integer);
  return value ? griffin_value_integer(b, value) : -1;
}

static uint32_t griffin_list(griffin_bundle *b, const char *name, uint32_t most) {
  uint32_t list = griffin_member(b, 0, name, griffin_array);
  if (list && b->values[list].count > most)
    return griffin_fail(b, GRIFFIN_UNSAFE, "there are %u %s; at most %u are read", b->values[list].count, name, most), 0;
  return list;
}

static griffin_status griffin_check_digest_text(griffin_bundle *b, uint32_t value) {
  const griffin_value *v = &b->values[value];
  int is_digest = v->end - v->start == 64;
  for (uint32_t at = v->start; is_digest && at < v->end; at++) {
    uint8_t c = b->json[at];
    is_digest = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }
  return is_digest ? GRIFFIN_OK : griffin_bad_json(b, v->start, "a digest that is none");
}

static griffin_status griffin_check_digest(griffin_bundle *b, uint32_t object) {
  uint32_t value = griffin_member(b, object, "sha256", griffin_string);
  return value ? griffin_check_digest_text(b, value) : b->error->status;
}

/* A name of 1 to 256 characters from '!' to '~'. */
static griffin_status griffin_check_label(griffin_bundle *b, uint32_t value) {
  const griffin_value *v = &b->values[value];
  size_t count = 0;
  if (v->kind == griffin_string) {
    for (uint32_t at = v->start; at < v->end; count++) {
      uint32_t c = griffin_step(b, v, &at);
      if (c < '!' || c > '~' || count >= 256) return griffin_bad_json(b, v->start, "a name that is none");
    }
  }
  return count ? GRIFFIN_OK : griffin_bad_json(b, v->start, "a name that is none");
}

static griffin_status griffin_check_plain(griffin_bundle *b, const griffin_value *v, uint32_t from) {
  size_t count = 0, dots = 0;
  for (uint32_t at = from; at < v->end;) {
    uint32_t c = griffin_step(b, v, &at);
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == '/' || c == '\\' || c == ':')
      return griffin_fail(b, GRIFFIN_UNSAFE, "byte %u: a file name that is not plain", griffin_header_bytes + v->start);
    count += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    dots += c == '.';
  }
  if (!count || count > 255 || (dots == count && count < 3))
    return griffin_fail(b, GRIFFIN_UNSAFE, "byte %u: a file name that is not plain", griffin_header_bytes + v->start);
  return GRIFFIN_OK;
}

/* 1 for the target, 2 for the draft, 0 for neither: what a string begins with, `from` behind it. */
static int griffin_component(const griffin_bundle *b, const griffin_value *v, uint32_t *from) {
  static const char *const prefixes[] = {"target/", "draft/"};
  for (int i = 0; i < 2; i++) {
    const char *text = prefixes[i];
    uint32_t at = v->start;
    while (*text && at < v->end && griffin_step(b, v, &at) == (uint8_t)*text) text++;
    if (!*text) {
      *from = at;
      return i + 1;
    }
  }
  return 0;
}

static griffin_status griffin_check_components(griffin_bundle *b, int present[3]) {
  static const char *const names[] = {"", "target", "draft"}, *const labels[] = {"", "family", "kind"};
  uint32_t recipe = griffin_member(b, 0, "recipe", griffin_object);
  if (!recipe) return b->error->status;
  for (int i = 1; i < 3; i++) {
    uint32_t part = griffin_look(b, 0, names[i]), rule = griffin_look(b, recipe, names[i]);
    if (!part || (b->values[part].kind != griffin_object && b->values[part].kind != griffin_null))
      return griffin_fail(b, GRIFFIN_MALFORMED, "%s is neither an object nor null", names[i]);
    present[i] = b->values[part].kind == griffin_object;
    if (!rule || present[i] != (b->values[rule].kind != griffin_null))
      return griffin_fail(b, GRIFFIN_MALFORMED, "recipe does not go with %s", names[i]);
    if (!present[i]) continue;
    uint32_t label = griffin_member(b, part, labels[i], griffin_string);
    if (!label || griffin_check_label(b, label) || griffin_check_label(b, rule)) return b->error->status;
    if (!griffin_member(b, part, "config", griffin_object) || griffin_integer_of(b, part, "parameters") < 0) return b->error->status;
    if (i == 1) continue;
    uint32_t embedding = griffin_member(b, part, "embedding", griffin_object);
    uint32_t relation = embedding ? griffin_member(b, embedding, "relation", griffin_string) : 0;
    uint32_t rows = embedding ? griffin_look(b, embedding, "rows_different") : 0;
    if (!relation) return b->error->status;
    int64_t count = rows && b->values[rows].kind == griffin_integer ? griffin_value_integer(b, rows) : -1;
    int is_null = rows && b->values[rows].kind == griffin_null;
    const griffin_value *v = &b->values[relation];
    if (!((count == 0 && (griffin_is(b, v, "identical") || griffin_is(b, v, "converted"))) || (count > 0 && griffin_is(b, v, "different")) ||
          (is_null && (griffin_is(b, v, "absent") || griffin_is(b, v, "possible")))))
      return griffin_bad_json(b, b->values[embedding].start, "embedding is none of the pairs that there are");
  }
  if (!present[1] && !present[2]) return griffin_fail(b, GRIFFIN_MALFORMED, "there is neither a target nor a draft");
  return GRIFFIN_OK;
}

/* The multiple of 16 KiB that is not below; 0 where it does not fit. */
static uint64_t griffin_up(uint64_t n) { return n > INT64_MAX ? 0 : (n + griffin_alignment - 1) / griffin_alignment * griffin_alignment; }

static griffin_status griffin_check_payloads(griffin_bundle *b) {
  b->payloads = griffin_list(b, "payloads", griffin_max_payloads);
  if (!b->payloads) return b->error->status;
  b->payload_count = b->values[b->payloads].count;
  b->payload_values = calloc((size_t)b->payload_count + 1, sizeof *b->payload_values);
  if (!b->payload_values) return griffin_fail(b, GRIFFIN_IO, "out of memory");
  uint64_t end = griffin_header_bytes + (uint64_t)b->json_bytes;
  uint32_t value = b->payloads + 1;
  for (uint32_t i = 0; i < b->payload_count; i++, value = b->values[value].after) {
    int64_t offset = griffin_integer_of(b, value, "offset"), bytes = offset < 0 ? -1 : griffin_integer_of(b, value, "bytes");
    if (bytes < 0 || griffin_check_digest(b, value)) return b->error->status;
    if ((uint64_t)offset != griffin_up(end)) return griffin_fail(b, GRIFFIN_MALFORMED, "payload %u does not begin where the one before it ends", i);
    if ((uint64_t)bytes > b->map_bytes || (uint64_t)offset > b->map_bytes - (uint64_t)bytes)
      return griffin_fail(b, GRIFFIN_MALFORMED, "payload %u goes beyond the file", i);
    end = (uint64_t)offset + (uint64_t)bytes;
    b->payload_values[i] = value;
  }
  if (griffin_up(end) != b->map_bytes) return griffin_fail(b, GRIFFIN_MALFORMED, "the file does not end with its last payload");
  return GRIFFIN_OK;
}

typedef struct {
  const char *name;
  uint16_t elements, bytes;
  uint8_t straddles; /* whether a block may go on in the next row */
} griffin_type;

static const griffin_type griffin_types[] = {
    {"f64", 1, 8, 0}, {"c64", 1, 8, 0}, {"i64", 1, 8, 0}, {"u64", 1, 8, 0}, {"f32", 1, 4, 0}, {"i32", 1, 4, 0}, {"u32", 1, 4, 0},
    {"f16", 1, 2, 0}, {"bf16", 1, 2, 0}, {"i16", 1, 2, 0}, {"u16", 1, 2, 0}, {"f8_e4m3", 1, 1, 0}, {"f8_e5m2", 1, 1, 0},
    {"f8_e8m0", 1, 1, 0}, {"f8_e4m3fnuz", 1, 1, 0}, {"f8_e5m2fnuz", 1, 1, 0}, {"i8", 1, 1, 0}, {"u8", 1, 1, 0}, {"bool", 1, 1, 0},
    {"f6_e2m3", 4, 3, 1}, {"f6_e3m2", 4, 3, 1}, {"f4", 2, 1, 1}, {"q4_0", 32, 18, 0}, {"q4_1", 32, 20, 0}, {"q5_0", 32, 22, 0},
    {"q5_1", 32, 24, 0}, {"q8_0", 32, 34, 0}, {"q8_1", 32, 36, 0}, {"q2_k", 256, 84, 0}, {"q3_k", 256, 110, 0}, {"q4_k", 256, 144, 0},
    {"q5_k", 256, 176, 0}, {"q6_k", 256, 210, 0}, {"q8_k", 256, 292, 0}, {"iq1_s", 256, 50, 0}, {"iq1_m", 256, 56, 0},
    {"iq2_xxs", 256, 66, 0}, {"iq2_xs", 256, 74, 0}, {"iq2_s", 256, 82, 0}, {"iq3_xxs", 256, 98, 0}, {"iq3_s", 256, 110, 0},
    {"iq4_xs", 256, 136, 0}, {"iq4_nl", 32, 18, 0}, {"mxfp4", 32, 17, 0}, {"tq1_0", 256, 54, 0}, {"tq2_0", 256, 66, 0}};

static griffin_status griffin_shape(griffin_bundle *b, uint32_t entry, griffin_tensor *t, const griffin_type *type) {
  uint32_t shape = griffin_member(b, entry, "shape", griffin_array);
  if (!shape) return b->error->status;
  uint32_t rank = b->values[shape].count, value = shape + 1;
  if (rank > GRIFFIN_MAX_RANK) return griffin_fail(b, GRIFFIN_UNSAFE, "%s has %u dimensions; at most 8 are read", t->name, rank);
  t->rank = (int)rank;
  int64_t product = 1, is_empty = 0;
  for (uint32_t i = 0; i < rank; i++, value = b->values[value].after) {
    int64_t size = griffin_value_integer(b, value);
    if (size < 0) return b->error->status;
    t->shape[i] = size;
    is_empty |= size == 0;
    /* A dimension of 0 hides how large the others are. */
    if (size && product > INT64_MAX / size) return griffin_fail(b, GRIFFIN_MALFORMED, "%s is too large", t->name);
    product *= size ? size : 1;
  }
  int64_t whole = type->straddles ? (is_empty ? 0 : product) : rank ? t->shape[rank - 1] : 1;
  if (whole % type->elements) return griffin_fail(b, GRIFFIN_MALFORMED, "%s: rows are no whole blocks", t->name);
  if (is_empty) product = 0;
  if (product / type->elements > INT64_MAX / type->bytes) return griffin_fail(b, GRIFFIN_MALFORMED, "%s is too large", t->name);
  t->bytes = product / type->elements * type->bytes;
  return GRIFFIN_OK;
}

static uint64_t griffin_name_hash(const char *name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *name; name++) hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
  return hash ^ hash >> 29;
}

static int griffin_compare_names(const void *left, const void *right) {
  return strcmp((*(const griffin_tensor *const *)left)->name, (*(const griffin_tensor *const *)right)->name);
}

/* T2, by sorting: no file can make that slow, as it could a table of hashes. */
static griffin_status griffin_check_names(griffin_bundle *b) {
  const griffin_tensor **sorted = malloc(((size_t)b->tensor_count + 1) * sizeof *sorted);
  if (!sorted) return griffin_fail(b, GRIFFIN_IO, "out of memory");
  for (uint32_t i = 0; i < b->tensor_count; i++) sorted[i] = &b->tensors[i];
  qsort(sorted, b->tensor_count, sizeof *sorted, griffin_compare_names);
  griffin_status status = GRIFFIN_OK;
  for (uint32_t i = 1; i < b->tensor_count && status == GRIFFIN_OK; i++)
    if (!strcmp(sorted[i - 1]->name, sorted[i]->name)) status = griffin_fail(b, GRIFFIN_MALFORMED, "two tensors are called %s", sorted[i]->name);
  free(sorted);
  return status;
}

static griffin_status griffin_check_tensors(griffin_bundle *b, const int present[3], uint32_t *owners) {
  uint32_t list = griffin_list(b, "tensors", griffin_max_tensors);
  if (!list) return b->error->status;
  uint32_t count = b->values[list].count, value = list + 1;
  int has[3] = {0, 0, 0};
  b->tensors = calloc((size_t)count + 1, sizeof *b->tensors);
  /* Names without their escapes are no longer than as they are written. */
  b->names = malloc((size_t)b->json_bytes + count + 1);
  if (!b->tensors || !b->names) return griffin_fail(b, GRIFFIN_IO, "out of memory");
  char *name = b->names;
  for (uint32_t i = 0; i < count; i++, value = b->values[value].after) {
    griffin_tensor *t = &b->tensors[i];
    uint32_t text = griffin_member(b, value, "name", griffin_string), from = 0;
    if (!text) return b->error->status;
    const griffin_value *v = &b->values[text];
    size_t bytes = griffin_utf8(b, v, name, v->end - v->start);
    if (bytes > 1024) return griffin_fail(b, GRIFFIN_UNSAFE, "tensor %u has a name of %zu bytes; at most 1024 are read", i, bytes);
    name[bytes] = 0;
    int component = griffin_component(b, v, &from);
    int is_name = component && from < v->end;
    for (size_t k = 0; k < bytes; k++) is_name = is_name && name[k] >= '!' && name[k] <= '~';
    if (!is_name || !present[component]) return griffin_fail(b, GRIFFIN_MALFORMED, "tensor %u has a name that no tensor has: %.64s", i, name);
    t->name = name;
    name += bytes + 1;
    has[component] = 1;
    uint32_t type = griffin_member(b, value, "type", griffin_string);
    if (!type) return b->error->status;
    const griffin_type *found = NULL;
    for (size_t k = 0; k < sizeof griffin_types / sizeof *griffin_types && !found; k++)
      if (griffin_is(b, &b->values[type], griffin_types[k].name)) found = &griffin_types[k];
    if (!found) return griffin_fail(b, GRIFFIN_UNSUPPORTED, "%s has a type that is not known", t->name);
    t->type = found->name;
    if (griffin_shape(b, value, t, found)) return b->error->status;
    int64_t payload = griffin_integer_of(b, value, "payload");
    if (payload < 0) return b->error->status;
    if (payload >= b->payload_count) return griffin_fail(b, GRIFFIN_MALFORMED, "%s names a payload that is not there", t->name);
    t->payload = (uint32_t)payload;
    uint32_t place = b->payload_values[payload];
    if (griffin_integer_of(b, place, "bytes") != t->bytes)
      return griffin_fail(b, GRIFFIN_MALFORMED, "%s has other bytes than its payload", t->name);
    t->data = b->map + griffin_integer_of(b, place, "offset");
    if (owners[payload]) {
      const griffin_tensor *other = &b->tensors[owners[payload] - 1];
      if (other->type != t->type || other->rank != t->rank || memcmp(other->shape, t->shape, sizeof t->shape))
        return griffin_fail(b, GRIFFIN_MALFORMED, "%s shares a payload with a tensor of another type or shape", t->name);
    }
    owners[payload] = i + 1;
    b->tensor_count = i + 1;
  }
  for (int i = 1; i < 3; i++)
    if (present[i] && !has[i]) return griffin_fail(b, GRIFFIN_MALFORMED, "a component has no tensor");
  return griffin_check_names(b);
}

/* Attachments and provenance: names are compared byte by byte, so canonically equivalent spellings of A2 and V2 are let pass. */
static griffin_status griffin_check_files(griffin_bundle *b, const int present[3], uint32_t *owners, int is_attachment) {
  uint32_t list = griffin_list(b, is_attachment ? "attachments" : "provenance", is_attachment ? griffin_max_attachments : griffin_max_provenance);
  if (!list) return b->error->status;
  uint32_t count = b->values[list].count, value = list + 1;
  int64_t total = 0;
  griffin_key *keys = malloc(((size_t)count + 1) * sizeof *keys);
  if (!keys) return griffin_fail(b, GRIFFIN_IO, "out of memory");
  for (uint32_t i = 0; i < count; i++, value = b->values[value].after) {
    uint32_t text = griffin_member(b, value, is_attachment ? "name" : "file", griffin_string), from;
    int component = 0;
    if (!text) break;
    from = b->values[text].start;
    if (is_attachment) {
      component = griffin_component(b, &b->values[text], &from);
    } else {
      uint32_t part = griffin_member(b, value, "component", griffin_string);
      if (!part) break;
      component = griffin_is(b, &b->values[part], "target") ? 1 : griffin_is(b, &b->values[part], "draft") ? 2 : 0;
    }
    if (!component || !present[component]) {
      griffin_fail(b, GRIFFIN_MALFORMED, "file %u belongs to no component", i);
      break;
    }
    if (griffin_check_plain(b, &b->values[text], from)) break;
    int64_t bytes = griffin_integer_of(b, value, "bytes");
    if (bytes < 0 || griffin_check_digest(b, value)) break;
    if (is_attachment) {
      if (bytes > 64 << 20 || (total += bytes) > 128 << 20) {
        griffin_fail(b, GRIFFIN_UNSAFE, "attachment %u is too large", i);
        break;
      }
      int64_t payload = griffin_integer_of(b, value, "payload");
      if (payload < 0) break;
      if (payload >= b->payload_count || owners[payload]) {
        griffin_fail(b, GRIFFIN_MALFORMED, "attachment %u has no payload of its own", i);
        break;
      }
      if (griffin_integer_of(b, b->payload_values[payload], "bytes") > 65 << 20) {
        griffin_fail(b, GRIFFIN_UNSAFE, "the payload of attachment %u is too large", i);
        break;
      }
      owners[payload] = UINT32_MAX;
    }
    keys[i].key = text;
    keys[i].hash = griffin_hash(b, &b->values[text]) + (is_attachment ? 0 : (uint64_t)component);
  }
  if (b->error->status == GRIFFIN_OK) {
    qsort(keys, count, sizeof *keys, griffin_compare_keys);
    for (uint32_t i = 0; i < count && b->error->status == GRIFFIN_OK; i++)
      for (uint32_t k = i + 1; k < count && k - i < 1000 && keys[k].hash == keys[i].hash; k++)
        if (griffin_same(b, &b->values[keys[i].key], &b->values[keys[k].key])) {
          griffin_bad_json(b, b->values[keys[k].key].start, "two files of one component have one name");
          break;
        }
  }
  free(keys);
  return b->error->status;
}

static griffin_status griffin_check_metadata(griffin_bundle *b) {
  uint32_t metadata = griffin_member(b, 0, "metadata", griffin_object);
  if (!metadata) return b->error->status;
  if (b->values[metadata].count > griffin_max_metadata) return griffin_fail(b, GRIFFIN_UNSAFE, "there is too much metadata");
  uint32_t key = metadata + 1;
  for (uint32_t i = 0; i < b->values[metadata].count; i++, key = b->values[key + 1].after) {
    const griffin_value *v = &b->values[key], *text = &b->values[key + 1];
    size_t bytes = griffin_utf8(b, v, NULL, 0);
    int is_remark = bytes >= 1 && bytes <= 256 && text->kind == griffin_string && griffin_utf8(b, text, NULL, 0) <= 65536;
    for (uint32_t at = v->start; is_remark && at < v->end;) {
      uint32_t c = griffin_step(b, v, &at);
      is_remark = c >= 0x20 && (c < 0x7F || c >= 0xA0);
    }
    if (!is_remark) return griffin_bad_json(b, v->start, "metadata that is no remark");
  }
  return GRIFFIN_OK;
}

/* Importance matrices, where there are any. */
static griffin_status griffin_check_importance(griffin_bundle *b, const int present[3]) {
  if (!griffin_look(b, 0, "importance")) return GRIFFIN_OK;
  uint32_t list = griffin_list(b, "importance", griffin_max_importance);
  if (!list) return b->error->status;
  uint32_t value = list + 1;
  for (uint32_t i = 0; i < b->values[list].count; i++, value = b->values[value].after) {
    uint32_t part = griffin_member(b, value, "component", griffin_string), file, texts, text;
    if (!part) return b->error->status;
    int component = griffin_is(b, &b->values[part], "target") ? 1 : griffin_is(b, &b->values[part], "draft") ? 2 : 0;
    if (!component || !present[component]) return griffin_fail(b, GRIFFIN_MALFORMED, "importance matrix %u belongs to no component", i);
    file = griffin_member(b, value, "file", griffin_string);
    if (!file || griffin_check_plain(b, &b->values[file], b->values[file].start)) return b->error->status;
    if (griffin_integer_of(b, value, "bytes") < 0 || griffin_check_digest(b, value)) return b->error->status;
    texts = griffin_member(b, value, "texts", griffin_array);
    if (!texts) return b->error->status;
    if (b->values[texts].count > griffin_max_importance_texts) return griffin_fail(b, GRIFFIN_UNSAFE, "importance matrix %u has too many texts", i);
    text = texts + 1;
    for (uint32_t k = 0; k < b->values[texts].count; k++, text = b->values[text].after) {
      if (b->values[text].kind != griffin_string) return griffin_bad_json(b, b->values[text].start, "a digest that is none");
      if (griffin_check_digest_text(b, text)) return b->error->status;
    }
  }
  return GRIFFIN_OK;
}

static griffin_status griffin_check_manifest(griffin_bundle *b) {
  if (griffin_parse(b)) return b->error->status;
  if (b->values[0].kind != griffin_object) return griffin_bad_json(b, 0, "the manifest is no object");
  uint32_t format = griffin_member(b, 0, "format", griffin_string);
  if (!format) return b->error->status;
  int64_t version = griffin_integer_of(b, 0, "version");
  if (!griffin_is(b, &b->values[format], "griffin-bundle") || version != 1)
    return griffin_fail(b, GRIFFIN_MALFORMED, "format and version of the manifest are not those of a bundle");
  int present[3] = {0, 0, 0};
  if (griffin_check_components(b, present) || griffin_check_payloads(b)) return b->error->status;
  uint32_t *owners = calloc((size_t)b->payload_count + 1, sizeof *owners);
  if (!owners) return griffin_fail(b, GRIFFIN_IO, "out of memory");
  if (!griffin_check_tensors(b, present, owners) && !griffin_check_files(b, present, owners, 1)) {
    for (uint32_t i = 0; i < b->payload_count; i++)
      if (!owners[i]) {
        griffin_fail(b, GRIFFIN_MALFORMED, "payload %u belongs to nothing", i);
        break;
      }
  }
  free(owners);
  if (b->error->status || griffin_check_files(b, present, NULL, 0) || griffin_check_importance(b, present)) return b->error->status;
  return griffin_check_metadata(b);
}

static uint64_t griffin_little(const uint8_t *p, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; i--) value = value << 8 | p[i];
  return value;
}

static griffin_status griffin_check_header(griffin_bundle *b) {
  static const uint8_t magic[8] = {0x89, 'G', 'R', 'F', 0x0D, 0x0A, 0x1A, 0x0A}, zeros[16] = {0};
  const uint8_t *h = b->map;
  uint8_t digest[32];
  if (b->map_bytes >= 8 && !memcmp(h, zeros, 8)) return griffin_fail(b, GRIFFIN_MALFORMED, "the writing of this bundle did not finish");
  if (b->map_bytes < griffin_header_bytes || memcmp(h, magic, 8)) return griffin_fail(b, GRIFFIN_MALFORMED, "this is no bundle");
  uint64_t version = griffin_little(h + 8, 4);
  if (version != 1) return griffin_fail(b, GRIFFIN_UNSUPPORTED, "byte 8: version %llu of the format; 1 is read", (unsigned long long)version);
  griffin_sha256_digest(h, 96, digest);
  if (memcmp(digest, h + 96, 32)) return griffin_fail(b, GRIFFIN_MALFORMED, "byte 96: the header is not what its SHA-256 says");
  if (griffin_little(h + 12, 4)) return griffin_fail(b, GRIFFIN_UNSUPPORTED, "byte 12: flags that are not known");
  if (memcmp(h + 40, zeros, 8) || memcmp(h + 80, zeros, 16)) return griffin_fail(b, GRIFFIN_MALFORMED, "byte 40: reserved bytes are not 0");
  if (griffin_little(h + 24, 8) != griffin_header_bytes) return griffin_fail(b, GRIFFIN_MALFORMED, "byte 24: the manifest is elsewhere");
  uint64_t bytes = griffin_little(h + 32, 8);
  if (bytes > griffin_max_manifest) return griffin_fail(b, GRIFFIN_UNSAFE, "byte 32: the manifest is too large");
  if (griffin_little(h + 16, 8) != b->map_bytes) return griffin_fail(b, GRIFFIN_MALFORMED, "byte 16: the file has another size");
  if (bytes > b->map_bytes - griffin_header_bytes) return griffin_fail(b, GRIFFIN_MALFORMED, "byte 32: the manifest goes beyond the file");
  b->json = h + griffin_header_bytes;
  b->json_bytes = (uint32_t)bytes;
  griffin_sha256_digest(b->json, bytes, digest);
  if (memcmp(digest, h + 48, 32)) return griffin_fail(b, GRIFFIN_MALFORMED, "byte 128: the manifest is not what its SHA-256 says");
  griffin_hexadecimal(digest, b->digest);
  return GRIFFIN_OK;
}

/* The table of names; where it would be slow, as only a hostile file makes it, lookups go through the list. */
static griffin_status griffin_index(griffin_bundle *b) {
  uint32_t room = 16;
  while (room < 2 * b->tensor_count) room *= 2;
  b->slots = calloc(room, sizeof *b->slots);
  if (!b->slots) return griffin_fail(b, GRIFFIN_IO, "out of memory");
  b->slot_mask = room - 1;
  uint64_t steps = 0;
  for (uint32_t i = 0; i < b->tensor_count; i++) {
    uint32_t slot = (uint32_t)griffin_name_hash(b->tensors[i].name) & b->slot_mask;
    while (b->slots[slot] && steps++ < 64ull * room) slot = (slot + 1) & b->slot_mask;
    if (b->slots[slot]) {
      free(b->slots);
      b->slots = NULL;
      return GRIFFIN_OK;
    }
    b->slots[slot] = i + 1;
  }
  return GRIFFIN_OK;
}

griffin_status griffin_open(const char *path, griffin_bundle **bundle, griffin_error *error) {
  griffin_error local;
  if (!error) error = &local;
  memset(error, 0, sizeof *error);
  *bundle = NULL;
  griffin_bundle *b = calloc(1, sizeof *b);
  if (!b) {
    error->status = GRIFFIN_IO;
    snprintf(error->message, sizeof error->message, "out of memory");
    return GRIFFIN_IO;
  }
  b->error = error;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status)) {
    griffin_fail(b, GRIFFIN_IO, "%s: %s", path, strerror(errno));
  } else if (!S_ISREG(status.st_mode)) {
    griffin_fail(b, GRIFFIN_IO, "%s is no file", path);
  } else if (status.st_size == 0) {
    griffin_fail(b, GRIFFIN_MALFORMED, "the file is empty");
  } else {
    void *map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) {
      griffin_fail(b, GRIFFIN_IO, "%s: %s", path, strerror(errno));
    } else {
      b->map = map;
      b->map_bytes = (uint64_t)status.st_size;
      if (!griffin_check_header(b) && !griffin_check_manifest(b)) griffin_index(b);
    }
  }
  if (file >= 0) close(file);
  griffin_status outcome = error->status;
  b->error = NULL;
  if (outcome != GRIFFIN_OK) {
    griffin_close(b);
    return outcome;
  }
  *bundle = b;
  return GRIFFIN_OK;
}

void griffin_close(griffin_bundle *b) {
  if (!b) return;
  if (b->map) munmap((void *)(uintptr_t)b->map, (size_t)b->map_bytes);
  free(b->values);
  free(b->tensors);
  free(b->slots);
  free(b->names);
  free(b->payload_values);
  free(b);
}

size_t griffin_tensor_count(const griffin_bundle *b) { return b->tensor_count; }

const griffin_tensor *griffin_tensor_at(const griffin_bundle *b, size_t index) { return index < b->tensor_count ? &b->tensors[index] : NULL; }

const griffin_tensor *griffin_find(const griffin_bundle *b, const char *name) {
  if (!b->slots) {
    for (uint32_t i = 0; i < b->tensor_count; i++)
      if (!strcmp(b->tensors[i].name, name)) return &b->tensors[i];
    return NULL;
  }
  for (uint32_t slot = (uint32_t)griffin_name_hash(name) & b->slot_mask; b->slots[slot]; slot = (slot + 1) & b->slot_mask)
    if (!strcmp(b->tensors[b->slots[slot] - 1].name, name)) return &b->tensors[b->slots[slot] - 1];
  return NULL;
}

const char *griffin_digest(const griffin_bundle *b) { return b->digest; }

const char *griffin_manifest(const griffin_bundle *b, size_t *bytes) {
  *bytes = b->json_bytes;
  return (const char *)b->json;
}

size_t griffin_payload_count(const griffin_bundle *b) { return b->payload_count; }

int griffin_check_payload(const griffin_bundle *b, size_t index) {
  if (index >= b->payload_count) return 0;
  /* The values were checked on opening; the bundle is written to for an error alone, and there is none. */
  griffin_bundle *reader = (griffin_bundle *)(uintptr_t)b;
  uint32_t payload = b->payload_values[index];
  int64_t offset = griffin_value_integer(reader, griffin_look(b, payload, "offset"));
  int64_t bytes = griffin_value_integer(reader, griffin_look(b, payload, "bytes"));
  uint8_t digest[32];
  char text[65];
  griffin_sha256_digest(b->map + offset, (size_t)bytes, digest);
  griffin_hexadecimal(digest, text);
  return griffin_is(b, &b->values[griffin_look(b, payload, "sha256")], text);
}

#endif /* GRIFFIN_IMPLEMENTATION */
