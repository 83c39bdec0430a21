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
  long long distance;          /* the whole part, rounded down, of the sum of s(k) - S(k)/k */
  unsigned long long fraction; /* what it leaves, in 2^-64; the sum is larger by at most 2^-32 for each k */
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
  long long distance;              /* in 2^-32; there is room for 2^15 packets, which no protocol exceeds */
};

/* Gives the series its place among all. */
static inline struct Series begin_series(struct SizeSums* sums, unsigned bytes, unsigned segment) {
  const unsigned packets = packets_in(bytes, segment);
  const unsigned long long step = ((unsigned long long)bytes << COUNT_BITS) + packets;
  const unsigned long long both = __sync_fetch_and_add(&sums->both, step);
  struct Series series = {count_in(sums, both), bytes_in(sums, both), bytes, packets == 1 ? bytes : segment,
                          0};
  /* Only forward: who was interrupted here must not tell what is long over. */
  if (series.count + packets > sums->count) sums->count = series.count + packets;
  if (series.bytes + bytes > sums->bytes) sums->bytes = series.bytes + bytes;
  return series;
}

/* A quotient in 2^-32, rounded down: bits enough for the whole number that is told, by one division, which is
   most of a packet's cost. It is the distance of a size from a mean, below 2^31, and fits. */
static inline unsigned long long divide(unsigned long long number, unsigned long long by) {
  if (number >> 32 == 0) return (number << 32) / by;
  const unsigned long long whole = number / by, rest = number - whole * by;
  /* After four billion packets 24 bits do. */
  return (whole << 32) + (by >> 32 == 0 ? (rest << 32) / by : (rest << 24) / ((by >> 8) + 1));
}

static inline void reckon_packet(struct Series* series) {
  const unsigned long long size = series->left < series->segment ? series->left : series->segment;
  /* s - S/k is this by the count. */
  const long long distances = (long long)(series->count * size - series->bytes);
  ++series->count;
  series->left -= (unsigned)size;
  series->bytes += size;
  /* As large as the mean of all before it: it is the new mean too, and that spares the division. */
  if (distances == 0) return;
  if (distances > 0)
    series->distance += (long long)divide((unsigned long long)distances, series->count);
  else
    series->distance -= (long long)divide((unsigned long long)-distances, series->count) + 1;
}

static inline void end_series(struct SizeSums* sums, const struct Series* series) {
  /* Another one may raise it in the meantime, but hardly so many times. */
  for (int tries = 0; tries < 8; ++tries) {
    const unsigned long long largest = sums->largest;
    if (series->segment <= largest ||
        __sync_val_compare_and_swap(&sums->largest, largest, series->segment) == largest)
      break;
  }
  if (series->distance == 0) return;
  const unsigned long long part = (unsigned long long)series->distance << 32;
  const unsigned long long fraction = __sync_fetch_and_add(&sums->fraction, part);
  const long long carry = fraction + part < fraction;
  __sync_fetch_and_add(&sums->distance, (series->distance >> 32) + carry);
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
  /* Where a whole number lies within what the sum may be larger, it is meant. */
  if (sums->distance < 0) return ((unsigned long long)-sums->distance - (sums->fraction != 0)) / count;
  const unsigned long long fraction = sums->fraction, error = count << 32;
  return ((unsigned long long)sums->distance + (count >> 32) + (fraction + error < fraction)) / count;
}
