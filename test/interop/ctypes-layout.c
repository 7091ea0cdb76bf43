// Prints sizes, alignments and offsets as this platform's compiler has them, for test/unit/ctypes.test.ts and struct.test.ts.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define TYPE(type) printf("%s|%zu|%zu\n", #type, sizeof(type), _Alignof(type))
#define FIELD(type, field) printf("%s.%s|%zu|%zu\n", #type, #field, sizeof(((type*)0)->field), offsetof(type, field))

typedef struct {
  double x, y;
} Point;

typedef struct {
  bool flag;
  double weight;
  char tag;
  short code;
  int count;
  signed char last;
} Mixed;

typedef struct {
  char name[5];
  int values[3];
  bool flags[2];
  long total;
} Arrays;

typedef struct {
  char kind;
  Point at;
  Mixed parts[2];
  Arrays inner;
  float ratio;
} Nested;

int main(void) {
  TYPE(_Bool);
  TYPE(char);
  TYPE(signed char);
  TYPE(unsigned char);
  TYPE(short);
  TYPE(unsigned short);
  TYPE(int);
  TYPE(unsigned int);
  TYPE(long);
  TYPE(unsigned long);
  TYPE(long long);
  TYPE(unsigned long long);
  TYPE(int8_t);
  TYPE(uint8_t);
  TYPE(int16_t);
  TYPE(uint16_t);
  TYPE(int32_t);
  TYPE(uint32_t);
  TYPE(int64_t);
  TYPE(uint64_t);
  TYPE(size_t);
  TYPE(ssize_t);
  TYPE(float);
  TYPE(double);
  TYPE(Point);
  FIELD(Point, x);
  FIELD(Point, y);
  TYPE(Mixed);
  FIELD(Mixed, flag);
  FIELD(Mixed, weight);
  FIELD(Mixed, tag);
  FIELD(Mixed, code);
  FIELD(Mixed, count);
  FIELD(Mixed, last);
  TYPE(Arrays);
  FIELD(Arrays, name);
  FIELD(Arrays, values);
  FIELD(Arrays, flags);
  FIELD(Arrays, total);
  TYPE(Nested);
  FIELD(Nested, kind);
  FIELD(Nested, at);
  FIELD(Nested, parts);
  FIELD(Nested, inner);
  FIELD(Nested, ratio);
  return 0;
}
