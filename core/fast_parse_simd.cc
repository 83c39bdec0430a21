#include "core/fast_parse.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include "core/fast_parse_shape.h"

// One function at a time is compiled for more than the processor that the program is built for.
#define INETCTL_AVX2 [[gnu::target("avx2,bmi,bmi2,popcnt")]]

namespace inetctl {
namespace {

constexpr long long lane(std::uint64_t word) { return static_cast<long long>(word); }

// Four octets as they are written, into the first four of sixteen bytes.
INETCTL_AVX2 inline bool read_v4(const char* text, std::size_t size, __m128i chars, std::uint64_t dots,
                                 __m128i& bytes) {
  if (!shape::is_quad(dots, size)) return false;
  const std::uint64_t ends = dots | std::uint64_t{1} << size;
  const auto zeros = static_cast<std::uint64_t>(
      static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(chars, _mm_set1_epi8('0')))));
  if (zeros & (dots << 1 | 1) & ~(ends >> 1)) return false;  // a zero before another digit
  shape::Fields fields(text, size, dots);
  const std::uint64_t first = fields.next_two();
  const __m128i digits = _mm_set_epi64x(lane(fields.next_two()), lane(first));
  const __m128i tens = _mm_maddubs_epi16(digits, _mm_set1_epi32(0x010a6400));  // hundreds; tens and ones
  const __m128i values = _mm_madd_epi16(tens, _mm_set1_epi16(1));
  const __m128i wrong = _mm_or_si128(_mm_subs_epu8(digits, _mm_set1_epi8(9)), _mm_srli_epi32(values, 8));
  bytes =
      _mm_shuffle_epi8(values, _mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
  return _mm_testz_si128(wrong, wrong) != 0;
}

// Eight fields of character ^ '0' as sixteen bytes; false when not all are hexadecimal digits.
INETCTL_AVX2 inline bool read_hex(__m256i text, __m128i& bytes) {
  // Saturation leaves decimal digits below 10, moves letters to 10 to 15, and all else above.
  const __m256i decimal = _mm256_add_epi8(
      _mm256_subs_epu8(_mm256_add_epi8(text, _mm256_set1_epi8(static_cast<char>(0xf6))), _mm256_set1_epi8(6)),
      _mm256_set1_epi8(0x10));
  const __m256i letters =
      _mm256_adds_epu8(_mm256_sub_epi8(_mm256_and_si256(text, _mm256_set1_epi8(static_cast<char>(0xdf))),
                                       _mm256_set1_epi8(0x51)),
                       _mm256_set1_epi8(10));
  const __m256i values = _mm256_min_epu8(decimal, letters);
  const __m256i joined = _mm256_maddubs_epi16(values, _mm256_set1_epi16(0x0110));
  bytes = _mm_packus_epi16(_mm256_castsi256_si128(joined), _mm256_extracti128_si256(joined, 1));
  return _mm256_testz_si256(values, _mm256_set1_epi8(static_cast<char>(0xf0))) != 0;
}

INETCTL_AVX2 inline bool read_v6(const char* text, std::size_t size, __m128i& bytes) {
  const __m256i colon = _mm256_set1_epi8(':');
  const auto head = static_cast<unsigned>(_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text)), colon)));
  const auto tail = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text + 32)), _mm256_castsi256_si128(colon))));
  const std::uint64_t colons = _bzhi_u64(head | std::uint64_t{tail} << 32, static_cast<unsigned>(size));
  shape::Groups groups;
  if (!shape::find_groups(colons, size, groups)) return false;
  shape::Fields fields(text + groups.start, groups.size, groups.colons);
  const std::uint64_t first = fields.next_two(), second = fields.next_two(), third = fields.next_two();
  __m128i packed;
  if (!read_hex(_mm256_set_epi64x(lane(fields.next_two()), lane(third), lane(second), lane(first)), packed))
    return false;
  // Byte n comes from n up to the gap, from n less the shift where the fields behind it begin, and between
  // from the empty field.
  const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m128i before = _mm_min_epi8(places, _mm_set1_epi8(static_cast<char>(2 * groups.gap)));
  const __m128i behind = _mm_sub_epi8(places, _mm_set1_epi8(static_cast<char>(2 * groups.shift)));
  bytes = _mm_shuffle_epi8(packed, _mm_max_epi8(before, behind));
  return true;
}

// Four octets of `size` characters, 1 to kLongestV4.
INETCTL_AVX2 inline bool read_quad(const char* text, std::size_t size, __m128i& bytes) {
  const __m128i chars = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const auto dots = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(chars, _mm_set1_epi8('.'))));
  return read_v4(text, size, chars, _bzhi_u64(dots, static_cast<unsigned>(size)), bytes);
}

// ::ffff:192.0.2.1
INETCTL_AVX2 inline bool read_mapped(const char* text, std::size_t size, __m128i& bytes) {
  if (size <= shape::kMapped || size > shape::kMapped + shape::kLongestV4) return false;
  if (!read_quad(text + shape::kMapped, size - shape::kMapped, bytes)) return false;
  bytes = _mm_or_si128(_mm_slli_si128(bytes, 12), _mm_setr_epi32(0, 0, static_cast<int>(0xffff0000), 0));
  return true;
}

INETCTL_AVX2 bool parse_avx2(std::string_view text, Address& address) {
  const std::size_t size = text.size();
  if (size < 2 || size > shape::kLongestV6) return false;
  __m128i bytes;
  address.family = Family::inet;
  if (size > shape::kLongestV4 || !read_quad(text.data(), size, bytes)) {
    address.family = Family::inet6;
    if (!(shape::is_mapped(text.data()) && read_mapped(text.data(), size, bytes)) &&
        !read_v6(text.data(), size, bytes))
      return false;
  }
  address.zone = {};
  _mm_storeu_si128(reinterpret_cast<__m128i*>(address.bytes.data()), bytes);
  return true;
}

// Which registers the system saves when it switches tasks.
[[gnu::target("xsave")]] std::uint64_t saved_registers() { return _xgetbv(0); }

// Intel's manual, volume 1, section 14.7.1. __builtin_cpu_supports would ask all of it at every start of the
// program, and in a virtual machine each question goes to the host.
bool has_avx2() {
  constexpr unsigned kPopcnt = 1U << 23, kXgetbv = 1U << 27, kAvx = 1U << 28;  // leaf 1, ECX
  constexpr unsigned kBmi = 1U << 3, kAvx2 = 1U << 5, kBmi2 = 1U << 8;         // leaf 7, EBX
  constexpr unsigned kNeeded = kPopcnt | kXgetbv | kAvx, kNeededToo = kBmi | kAvx2 | kBmi2;
  constexpr std::uint64_t kVectors = 6;  // the low and the high halves
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kNeeded) != kNeeded) return false;
  if ((saved_registers() & kVectors) != kVectors) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kNeededToo) == kNeededToo;
}

}  // namespace

FastParse fast_parse_simd() { return has_avx2() ? parse_avx2 : nullptr; }

}  // namespace inetctl

#else

namespace inetctl {
FastParse fast_parse_simd() { return nullptr; }
}  // namespace inetctl

#endif
