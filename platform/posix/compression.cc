#include "platform/posix/compression.h"

#include <memory>
#include <vector>

#ifdef INETCTL_HAS_ZSTD
#include <zstd.h>

#include "core/text.h"
#include "platform/posix/lazy_library.h"
#endif

namespace inetctl::posix {

bool is_compressed(std::string_view bytes) { return bytes.starts_with("\x28\xb5\x2f\xfd"); }

#ifdef INETCTL_HAS_ZSTD

namespace {

struct Zstd {
  decltype(&::ZSTD_compress) compress;
  decltype(&::ZSTD_compressBound) compress_bound;
  decltype(&::ZSTD_isError) is_error;
  decltype(&::ZSTD_getErrorName) error_name;
  decltype(&::ZSTD_createDStream) create_stream;
  decltype(&::ZSTD_freeDStream) free_stream;
  decltype(&::ZSTD_decompressStream) decompress_stream;
};

const Result<Zstd>& zstd() {
  static const Result<Zstd> loaded = [] {
    LazyLibrary library({"libzstd.so.1", "libzstd1"}, "compress or decompress");
    Zstd functions{};
    library.bind(functions.compress, "ZSTD_compress");
    library.bind(functions.compress_bound, "ZSTD_compressBound");
    library.bind(functions.is_error, "ZSTD_isError");
    library.bind(functions.error_name, "ZSTD_getErrorName");
    library.bind(functions.create_stream, "ZSTD_createDStream");
    library.bind(functions.free_stream, "ZSTD_freeDStream");
    library.bind(functions.decompress_stream, "ZSTD_decompressStream");
    return library.loaded(functions);
  }();
  return loaded;
}

Error damaged(std::string cause) { return {Kind::malformed, "decompress", "", std::move(cause)}; }

}  // namespace

Result<std::string> compress(std::string_view text) {
  constexpr int kLevel = 3;  // zstd's own choice: it takes less time than the dump did
  const Result<Zstd>& z = zstd();
  if (!z) return z.error();
  std::string bytes(z->compress_bound(text.size()), '\0');
  const std::size_t size = z->compress(bytes.data(), bytes.size(), text.data(), text.size(), kLevel);
  if (z->is_error(size)) return Error{Kind::system, "compress", "", z->error_name(size)};
  bytes.resize(size);
  return bytes;
}

Result<std::string> decompress(std::string_view bytes) {
  const Result<Zstd>& z = zstd();
  if (!z) return z.error();
  const std::unique_ptr<ZSTD_DStream, decltype(z->free_stream)> stream(z->create_stream(), z->free_stream);
  std::vector<char> block(1 << 20);
  std::string text;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  // The stream asks for 0 bytes more where a compressed text ends: another may follow, or nothing.
  for (std::size_t wanted = 0; in.pos < in.size || wanted != 0;) {
    ZSTD_outBuffer out{block.data(), block.size(), 0};
    const std::size_t read_before = in.pos;
    wanted = z->decompress_stream(stream.get(), &out, &in);
    if (z->is_error(wanted)) return damaged(z->error_name(wanted));
    if (out.pos == 0 && in.pos == read_before) return damaged("the file is cut short");
    if (text.size() + out.pos > kMostDecompressed) return damaged("it becomes too long");
    text.append(block.data(), out.pos);
  }
  return text;
}

#else

Result<std::string> compress(std::string_view) {
  return Error{Kind::unsupported, "compress", "", "this inetctl was built without libzstd"};
}

Result<std::string> decompress(std::string_view) {
  return Error{Kind::unsupported, "decompress", "", "this inetctl was built without libzstd"};
}

#endif

}  // namespace inetctl::posix
