/* inet's figures of a sequence of sizes, added up in whole numbers, without an error that grows and without a
   lock: the programs in the kernel add (call_count.bpf.c, packet_count.bpf.c), whoever reads them divides
   (socket_count.cc). Read by C, by C++ and by the programs themselves, hence in the words of C alone. */
#pragma once

/* Bits that `both` has for the count; the others are for the bytes. */
#define COUNT_BITS 26

/* The deviation is the mean of d(k) = s(k) - S(k)/k, where s(k) is the k-th size and S(k) the sum of the
   first k. inet steps from mean to mean instead, and rounds at each step. */
struct SizeSums {
  unsigned long long both; /* bytes * 2^COUNT_BITS + count, without what does not fit: they move in one step,
                              so that each addition has the k and the S(k) of its turn */
  unsigned long long count, bytes; /* as they were a short while ago: enough to complete `both` */
  unsigned long long largest;
  long long distance;          /* the sum of s(k) less the whole part of S(k)/k */
  unsigned long long fraction; /* in 2^-64: what the sum of the quotients' fractions has beyond a whole
                                  number, which `distance` lacks; too small by less than the count */
};

/* The number that is near to another one and ends in these bits. */
static inline unsigned long long complete(unsigned long long near, unsigned long long end, int bits) {
  const int others = 64 - bits;
  return near + (unsigned long long)((long long)((end - near) << others) >> others);
}

static inline unsigned long long count_in(const struct SizeSums* sums, unsigned long long both) {
  return complete(sums->count, both, COUNT_BITS);
}
static inline unsigned long long bytes_in(const struct SizeSums* sums, unsigned long long both) {
  return complete(sums->bytes, (both - count_in(sums, both)) >> COUNT_BITS, 64 - COUNT_BITS);
}

/* How many packets there are in a series that travels as one: all of the size `segment` but the last, which
   has the rest. 0: it is one packet. */
static inline unsigned packets_in(unsigned bytes, unsigned segment) {
  return segment == 0 || bytes <= segment ? 1 : (bytes - 1) / segment + 1;
}

/* What a series adds, while it is reckoned packet by packet. */
struct Series {
  unsigned long long count, bytes; /* up to the last packet that was reckoned */
  unsigned left, segment;          /* bytes that are not reckoned yet, and of each packet but the last */
  long long distance;
  unsigned long long fraction;
};

/* Gives the series its place among all. */
static inline struct Series begin_series(struct SizeSums* sums, unsigned bytes, unsigned segment) {
  const unsigned packets = packets_in(bytes, segment);
  const unsigned long long step = ((unsigned long long)bytes << COUNT_BITS) + packets;
  const unsigned long long both = __sync_fetch_and_add(&sums->both, step);
  struct Series series = {
      count_in(sums, both), bytes_in(sums, both), bytes, packets == 1 ? bytes : segment, 0, 0};
  /* Only forward: who was interrupted here must not tell what is long over. */
  if (series.count + packets > sums->count) sums->count = series.count + packets;
  if (series.bytes + bytes > sums->bytes) sums->bytes = series.bytes + bytes;
  return series;
}

/* A quotient and, in 2^-64, its fraction, rounded up or down. */
struct Quotient {
  unsigned long long whole, fraction;
};

/* By schoolbook division, 32 bits a time, and remainders by multiplying: BPF has no division that answers
   both. After four billion packets the 24 bits of the fraction that fit are enough. */
static inline struct Quotient divide(unsigned long long number, unsigned long long by, int up) {
  struct Quotient q;
  unsigned long long rest, high;
  if (number >> 32 == 0) {
    const unsigned long long both = (number << 32) / by;
    rest = (number << 32) - both * by;
    q.whole = both >> 32;
    high = both & 0xffffffff;
  } else {
    q.whole = number / by;
    rest = number - q.whole * by;
    if (by >> 32 != 0) {
      q.fraction = ((rest << 24) / (by >> 8) + (unsigned)up) << 32;
      return q;
    }
    high = (rest << 32) / by;
    rest = (rest << 32) - high * by;
  }
  const unsigned long long low = (rest << 32) / by;
  q.fraction = (high << 32 | low) + (up && (rest << 32) != low * by);
  return q;
}

static inline void reckon_packet(struct Series* series) {
  const unsigned long long size = series->left < series->segment ? series->left : series->segment;
  /* s - S/k is this by the count. */
  const long long distances = (long long)(series->count * size - series->bytes);
  ++series->count;
  series->left -= (unsigned)size;
  series->bytes += size;
  /* As large as the mean of all before it: it is the new mean too, and that spares the divisions. */
  if (distances == 0) return;
  if (distances < 0) {
    const struct Quotient q = divide((unsigned long long)-distances, series->count, 0);
    series->distance -= (long long)q.whole;
    series->fraction += q.fraction;
    if (series->fraction < q.fraction) --series->distance;
  } else {
    const struct Quotient q = divide((unsigned long long)distances, series->count, 1);
    series->distance += (long long)q.whole;
    if (series->fraction < q.fraction) ++series->distance;
    series->fraction -= q.fraction;
  }
}

static inline void end_series(struct SizeSums* sums, const struct Series* series) {
  /* Another one may raise it in the meantime, but hardly so many times. */
  for (int tries = 0; tries < 8; ++tries) {
    const unsigned long long largest = sums->largest;
    if (series->segment <= largest ||
        __sync_val_compare_and_swap(&sums->largest, largest, series->segment) == largest)
      break;
  }
  if (series->distance == 0 && series->fraction == 0) return;
  const unsigned long long fraction = __sync_fetch_and_add(&sums->fraction, series->fraction);
  const long long carry = fraction + series->fraction < fraction;
  __sync_fetch_and_add(&sums->distance, series->distance - carry);
}

static inline void add_size(struct SizeSums* sums, unsigned size) {
  struct Series series = begin_series(sums, size, 0);
  reckon_packet(&series);
  end_series(sums, &series);
}

/* The amount of the mean distance, cut to a whole number as inet reports it. */
static inline unsigned long long deviation_of(const struct SizeSums* sums) {
  const unsigned long long count = count_in(sums, sums->both);
  if (count == 0) return 0;
  /* The sum is `distance` less `fraction`, less an error below count * 2^-64. Where a whole number lies
     within that error, it is meant. */
  const unsigned long long fraction = sums->fraction;
  if (sums->distance > 0) return ((unsigned long long)sums->distance - (fraction != 0)) / count;
  const unsigned long long carry = fraction != 0 && fraction + count < fraction;
  return ((unsigned long long)-sums->distance + carry) / count;
}
