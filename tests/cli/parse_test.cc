// `inetctl parse` as a whole program, on input that no command line can hold: the rows that are written
// directly against those of the outputs, lines of any length and bytes, input that comes in drops.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cmd/command.h"
#include "core/parsed_address.h"

namespace {

using namespace inetctl;
using namespace std::literals;

struct EmptyBackend : Backend {
  [[nodiscard]] std::string_view name() const override { return "empty"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
};

struct Ran {
  int status = -1;
  std::string out, err;
  std::vector<std::size_t> seen;  // how much was written before each read that had to wait
};

// The program with `input` in pieces of `piece` bytes; every read has to wait.
Ran run(std::vector<std::string> words, std::string_view input, std::size_t piece = 1 << 20) {
  Ran ran;
  words.insert(words.begin(), "parse");
  Environment environment;
  environment.arguments = std::move(words);
  environment.out = [&](std::string_view text) {
    ran.out += text;
    return true;
  };
  environment.err = [&](std::string_view text) {
    ran.err += text;
    return true;
  };
  environment.in = [&, rest = input](char* to, std::size_t room) mutable -> std::ptrdiff_t {
    ran.seen.push_back(ran.out.size());
    const std::string_view taken = rest.substr(0, std::min(room, piece));
    taken.copy(to, taken.size());
    rest.remove_prefix(taken.size());
    return static_cast<std::ptrdiff_t>(taken.size());
  };
  environment.in_ready = [] { return false; };
  environment.open_backend = [](const std::string&) -> Result<std::unique_ptr<Backend>> {
    return std::unique_ptr<Backend>(std::make_unique<EmptyBackend>());
  };
  ran.status = run_program(environment);
  return ran;
}

// The same rows by the outputs alone.
std::string by_the_output(const std::vector<std::string>& texts, const AddressFunction& function,
                          std::string_view fields, std::string_view format) {
  std::string text;
  Out out([&](std::string_view piece) {
    text += piece;
    return true;
  });
  Document document;
  document.command = "parse";
  document.columns = *choose_columns(parsed_address_fields(), {}, fields);
  const AddressReader reader({&function, true, false, needs_of(document.columns)});
  const auto output = find_format(format)->make(out, Surface{});
  output->begin(document);
  ParsedAddress row;
  for (const std::string& t : texts) {
    const std::string padded = t + std::string(kParsePadding, '\0');
    reader.read(std::string_view(padded).substr(0, t.size()), row);
    reader.complete(row);
    row.plain = false;  // nothing is taken for granted
    output->row(&row);
  }
  output->end({});
  out.flush();
  return text;
}

std::string random_text(std::mt19937& random) {
  const auto number = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  std::string text;
  switch (number(6)) {
    case 0:
    case 1:
      for (int i = 0; i < 4; ++i) text += (i > 0 ? "." : "") + std::to_string(number(i == 0 ? 260 : 256));
      return text;
    case 2:
    case 3: {
      Address address;
      address.family = Family::inet6;
      for (auto& byte : address.bytes) byte = number(3) == 0 ? static_cast<std::uint8_t>(number(256)) : 0;
      return to_text(address);
    }
    default:
      for (unsigned i = number(20); i > 0; --i) text += "0123456789abcF:.:.x%+- \"\\\xff\x01é"[number(29)];
      return text;
  }
}

std::string lines_of(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += text + "\n";
  return lines;
}

}  // namespace

TEST_CASE("what is written directly is what the outputs write") {
  std::mt19937 random(20);
  std::vector<std::string> texts = {"",
                                    "0.0.0.0",
                                    "255.255.255.255",
                                    "::",
                                    "::1",
                                    "::2",
                                    "::ffff:1.2.3.4",
                                    "fe80:12::1",
                                    "64:ff9b::1.2.3.4",
                                    "127.1",
                                    "1:2:3:4:5:6:7:8",
                                    "x\"y"};
  while (texts.size() < 20000) texts.push_back(random_text(random));
  const std::string input = lines_of(texts);
  for (const AddressFunction& function : kAddressFunctions) {
    if (function.kind != FunctionKind::parse) continue;
    CAPTURE(function.erlang);
    const std::vector<std::string> words = {"--fn", std::string(function.word), "-"};
    const auto ran = [&](std::vector<std::string> more) {
      more.insert(more.end(), words.begin(), words.end());
      return run(std::move(more), input).out;
    };
    CHECK((ran({"--fields", "canonical"}) == by_the_output(texts, function, "canonical", "table")));
    CHECK((ran({"--fields", "canonical", "--csv"}) == by_the_output(texts, function, "canonical", "csv")));
    CHECK((ran({"--ndjson", "--fields", "in,fn,ok,tuple"}) ==
           by_the_output(texts, function, "in,fn,ok,tuple", "ndjson")));
  }
}

TEST_CASE("an answer is there before the next text is waited for") {
  for (const char* format : {"table", "ndjson", "csv", "erlang"}) {
    CAPTURE(format);
    const Ran ran = run({"--format", format, "-"}, "1.2.3.4\n::1\n", 8);
    REQUIRE(ran.seen.size() == 3);
    CHECK(ran.seen[0] < ran.seen[1]);
    CHECK(ran.seen[1] < ran.seen[2]);
  }
}

TEST_CASE("lines are the same however they arrive") {
  const std::string input = "1.2.3.4\r\n\n\r\nfe80::1%a b\r\r\n\xff\n1.2\0.3.4\n127.1"s;
  const std::string whole = run({"--ndjson", "-"}, input).out;
  for (std::size_t piece = 1; piece < 20; ++piece) CHECK((run({"--ndjson", "-"}, input, piece).out == whole));
  CHECK(std::count(whole.begin(), whole.end(), '\n') == 7);
  CHECK(whole.find("{\"in\":\"1.2.3.4\"") == 0);
  CHECK(whole.find("\"in\":\"fe80::1%a b\\u000d\"") != std::string::npos);
  CHECK(whole.find("\"in\":\"\\\\xff\"") != std::string::npos);
  CHECK(whole.find("\"in\":\"1.2\\u0000.3.4\"") != std::string::npos);
}

TEST_CASE("texts that end with NUL are not trimmed") {
  const Ran ran = run({"-0", "--ndjson", "--fields", "in,ok", "-"}, "1.2.3.4\0001.2.3.4\r\000a\nb\000"s);
  CHECK(ran.out ==
        "{\"in\":\"1.2.3.4\",\"ok\":\"1.2.3.4\"}\n{\"in\":\"1.2.3.4\\u000d\",\"ok\":null}\n"
        "{\"in\":\"a\\u000ab\",\"ok\":null}\n");
  CHECK(ran.status == 1);
}

TEST_CASE("a line that is too long is refused, and told") {
  const std::string zeros(70'000, '0');
  for (const std::size_t piece : {std::size_t{4096}, std::size_t{1} << 20}) {
    const Ran ran = run({"--ndjson", "--fields", "in,ok,reason", "-"},
                        join("1.2.3.4\n", zeros, "1\n", zeros.substr(0, 65536), "\n::1\n"), piece);
    CHECK(ran.out == join("{\"in\":\"1.2.3.4\",\"ok\":\"1.2.3.4\",\"reason\":null}\n{\"in\":\"",
                          zeros.substr(0, 256),
                          "…\",\"ok\":null,\"reason\":\"longer than any address\"}\n{\"in\":\"",
                          zeros.substr(0, 65536), "\",\"ok\":\"0.0.0.0\",\"reason\":null}\n",
                          "{\"in\":\"::1\",\"ok\":\"::1\",\"reason\":null}\n"));
    CHECK(ran.status == 1);
  }
}

TEST_CASE("--grep keeps lines byte for byte") {
  const std::string kept = "\xff\x01 10.0.0.1\tx\r\n[::1]:80\n";
  const Ran ran = run({"--grep", "-"}, join("nothing\n", kept, "1.2.3\n"), 7);
  CHECK((ran.out == kept));
  CHECK(ran.status == 0);

  const std::string tail(3'000'000, 'x');
  const std::string long_line = join("10.0.0.1 ", tail, " 192.0.2.1\n");
  const Ran far = run({"--grep", "-"}, long_line, 100'000);
  CHECK((far.out == long_line));
  CHECK(far.err == "inetctl: note: 1 line is longer than 1 MiB: only its beginning was searched\n");
  CHECK(run({"--grep", "--in", "192.0.2.0/24", "-"}, long_line).out.empty());
}

TEST_CASE("millions of addresses of few blocks add up to few") {
  std::string input;
  for (unsigned i = 0; i < 300'000; ++i)
    input += to_text(Address::v4(10, static_cast<std::uint8_t>(i * 7 % 3), static_cast<std::uint8_t>(i >> 8),
                                 static_cast<std::uint8_t>(i))) += '\n';
  CHECK(run({"--aggregate", "-"}, input).out == "10.0.0.0/15\n10.2.0.0/16\n");
}

TEST_CASE("reading that fails is an error") {
  Environment environment;
  environment.arguments = {"parse", "-"};
  std::string err;
  environment.out = [](std::string_view) { return true; };
  environment.err = [&](std::string_view text) {
    err += text;
    return true;
  };
  environment.in = [](char*, std::size_t) {
    errno = EISDIR;
    return std::ptrdiff_t{-1};
  };
  environment.open_backend = [](const std::string&) -> Result<std::unique_ptr<Backend>> {
    return std::unique_ptr<Backend>(std::make_unique<EmptyBackend>());
  };
  CHECK(run_program(environment) == 4);
  CHECK(err == "inetctl: read standard input: Is a directory\n");
}
