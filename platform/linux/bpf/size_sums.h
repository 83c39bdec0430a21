/* inet's figures of a sequence of sizes, added up in whole numbers and without an error that grows: the
   program in the kernel adds (socket_count.bpf.c), whoever reads it divides (socket_count.cc). Read by C, by
   C++ and by the program itself, hence in the words of C alone. */
#pragma once

/* The deviation is the mean of d(k) = s(k) - S(k)/k, where s(k) is the k-th size and S(k) the sum of the
   first k. inet steps from mean to mean instead, and rounds at each step. */
struct SizeSums {
  unsigned long long count, bytes, largest;
  long long distance;          /* the sum of s(k) less the whole part of S(k)/k */
  unsigned long long fraction; /* in 2^-64: what the sum of the quotients' fractions has beyond a whole
                                  number, which `distance` lacks; too small by less than `count` */
};

static inline void add_size(struct SizeSums* sums, unsigned long long size) {
  const unsigned long long count = ++sums->count;
  sums->bytes += size;
  if (size > sums->largest) sums->largest = size;
  /* Remainders by multiplying: BPF has no division that answers both. */
  const unsigned long long quotient = sums->bytes / count, rest = sums->bytes - quotient * count;
  unsigned long long fraction;
  if (count >> 32 == 0) {
    /* Schoolbook division, two digits of 32 bits. */
    const unsigned long long high = (rest << 32) / count;
    fraction = high << 32 | (((rest << 32) - high * count) << 32) / count;
  } else {
    /* After four billion of them the 24 bits that fit are enough. */
    fraction = (rest << 24) / (count >> 8) << 32;
  }
  sums->distance += (long long)size - (long long)quotient;
  sums->fraction += fraction;
  if (sums->fraction < fraction) --sums->distance;
}

/* The amount of the mean distance, cut to a whole number as inet reports it. */
static inline unsigned long long deviation_of(const struct SizeSums* sums) {
  if (sums->count == 0) return 0;
  /* The sum is `distance` less `fraction`, less an error below count * 2^-64. Where a whole number lies
     within that error, it is meant. */
  const unsigned long long fraction = sums->fraction;
  if (sums->distance > 0) return ((unsigned long long)sums->distance - (fraction != 0)) / sums->count;
  const unsigned long long carry = fraction != 0 && fraction + sums->count < fraction;
  return ((unsigned long long)-sums->distance + carry) / sums->count;
}
