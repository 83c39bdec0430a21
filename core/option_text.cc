#include "core/option_text.h"

#include <charconv>

#include "core/erlang_term.h"
#include "core/option_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

Error mistake(std::string_view text, std::size_t offset, std::string cause) {
  return {Kind::usage, "read option", "", std::move(cause), Place{std::string(text), offset}};
}

template <class Number>
bool read_decimal(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

constexpr std::size_t kLongestName = 64;  // longer ones are no misspelt options

// What may stand before the value: the number of an option, `raw:LEVEL:NUMBER[:LENGTH]` or without the word.
bool is_raw(std::string_view name) {
  return name.starts_with("raw:") || (!name.empty() && name[0] >= '0' && name[0] <= '9');
}

class Reader {
 public:
  Reader(OptionTables tables, SocketKind kind, std::string_view text)
      : tables_(tables), kind_(kind), text_(text) {}

  Result<OptionRequest> word() {
    OptionRequest request;
    request.spelt = text_;
    const std::size_t equals = text_.find('=');
    const std::string_view name = text_.substr(0, equals);
    const Status named = is_raw(name) ? raw_name(request, name) : plain_name(request, name, 0);
    if (!named) return named.error();
    if (equals == std::string_view::npos) return request;
    const Status valued = value(request, text_.substr(equals + 1), equals + 1);
    if (!valued) return valued.error();
    return request;
  }

  // A list of options, or one of them.
  Result<std::vector<OptionRequest>> terms() {
    const auto term = read_term(text_);
    if (!term) {
      const std::size_t offset = term.error().place ? term.error().place->offset : 0;
      return mistake(text_, offset, term.error().cause);
    }
    std::vector<OptionRequest> requests;
    const bool is_list = term->kind == Term::Kind::list;
    const std::vector<Term> alone = is_list ? std::vector<Term>{} : std::vector<Term>{*term};
    for (const Term& item : is_list ? term->items : alone) {
      auto request = one_term(item);
      if (!request) return request.error();
      requests.push_back(std::move(*request));
    }
    return requests;
  }

 private:
  Status plain_name(OptionRequest& request, std::string_view name, std::size_t offset) {
    if (const ErlangOption* erlang = find_erlang_option(name)) {
      request.erlang = erlang;
      if (erlang->reach != ErlangReach::kernel) return {};
      const bool six = name_of(kind_).ends_with('6') && !erlang->kernel6.empty();
      request.option = find_option(tables_, six ? erlang->kernel6 : erlang->kernel, kind_);
    } else {
      request.option = find_option(tables_, name, kind_);
    }
    if (request.option == nullptr) {
      const std::string near = name.size() < kLongestName ? nearest_word(name, option_names(tables_)) : "";
      return mistake(text_, offset,
                     join("unknown option '", name, "'",
                          near.empty() ? "; --list shows all, raw:LEVEL:NUMBER takes any"
                                       : join("; did you mean '", near, "'?")));
    }
    if (request.option->type == ValueType::none)
      return mistake(text_, offset, join(request.option->name, " is ", request.option->meaning));
    request.level = request.option->level;
    request.number = request.option->number;
    return {};
  }

  Status raw_name(OptionRequest& request, std::string_view name) {
    std::string_view rest = name;
    if (rest.starts_with("raw:")) rest.remove_prefix(4);
    const std::size_t second = rest.find(':');
    const std::size_t third = second == std::string_view::npos ? second : rest.find(':', second + 1);
    bool good = second != std::string_view::npos && read_decimal(rest.substr(0, second), request.level) &&
                request.level >= 0;
    if (good) {
      const std::size_t end = third == std::string_view::npos ? rest.size() : third;
      good = read_decimal(rest.substr(second + 1, end - second - 1), request.number) && request.number >= 0;
    }
    if (good && third != std::string_view::npos)
      good = read_decimal(rest.substr(third + 1), request.room) && request.room <= kLongestOption &&
             request.room > 0;
    if (!good) return mistake(text_, 0, "a raw option is raw:LEVEL:NUMBER or raw:LEVEL:NUMBER:LENGTH");
    request.raw = true;
    request.option = find_option(tables_, request.level, request.number);
    return {};
  }

  Status value(OptionRequest& request, std::string_view value, std::size_t offset) {
    if (request.erlang != nullptr && request.option == nullptr) {
      request.value = std::string(value);  // the runtime's business
      return {};
    }
    if (value.starts_with('{') && request.option != nullptr && request.option->type != ValueType::timeval &&
        request.option->type != ValueType::timeval64) {
      const auto term = read_term(value);
      if (term) return term_value(request, *term, offset);
    }
    auto bytes = Result<std::string>(std::string());
    if (request.option != nullptr) {
      bytes = read_value(*request.option, value);
    } else if (const auto spelt = read_bytes(value)) {
      bytes = *spelt;
    } else {
      return mistake(text_, offset,
                     "a raw option's value says its form: =i32:30, =u8:1, =hex:1e000000 or =str:bbr");
    }
    if (!bytes) return mistake(text_, offset, bytes.error().cause);
    request.value = std::move(*bytes);
    return {};
  }

  Result<OptionRequest> one_term(const Term& term) {
    OptionRequest request;
    request.spelt = write_term(term);
    if (term.kind == Term::Kind::atom) {
      const Status named = plain_name(request, term.text, 0);
      if (!named) return named.error();
      return request;
    }
    if (term.kind != Term::Kind::tuple || term.items.empty() || term.items[0].kind != Term::Kind::atom)
      return mistake(text_, 0, join("'", request.spelt, "' is no option: {Name,Value}, {raw,…} or a name"));
    const Status read = term.items[0].is_atom("raw") ? raw_term(request, term) : pair(request, term);
    if (!read) return read.error();
    return request;
  }

  Status pair(OptionRequest& request, const Term& term) {
    Status named = plain_name(request, term.items[0].text, 0);
    if (!named) return named;
    if (term.items.size() != 2)
      return mistake(text_, 0, join("'", request.spelt, "' is no pair of a name and a value"));
    return term_value(request, term.items[1], 0);
  }

  // {raw,Level,Number,Binary} sets; with a size in place of the binary it reads.
  Status raw_term(OptionRequest& request, const Term& term) {
    const auto fits = [&](std::size_t i) {
      return term.items[i].kind == Term::Kind::integer && term.items[i].integer >= 0 &&
             term.items[i].integer <= 0x7fffffff;
    };
    if (term.items.size() != 4 || !fits(1) || !fits(2))
      return mistake(text_, 0, join("'", request.spelt, "' is not {raw,Level,Number,Binary}"));
    request.raw = true;
    request.level = static_cast<std::int32_t>(term.items[1].integer);
    request.number = static_cast<std::int32_t>(term.items[2].integer);
    request.option = find_option(tables_, request.level, request.number);
    const Term& value = term.items[3];
    if (value.kind == Term::Kind::binary) {
      request.value = value.text;
    } else if (fits(3) && value.integer > 0 && value.integer <= static_cast<std::int64_t>(kLongestOption)) {
      request.room = static_cast<std::size_t>(value.integer);
    } else {
      return mistake(text_, 0, join("'", request.spelt, "': a raw value is a binary, or a size to read"));
    }
    return {};
  }

  // A value as a term, by way of its text: that is the one grammar of values.
  Status term_value(OptionRequest& request, const Term& term, std::size_t offset) {
    if (request.option == nullptr) {
      request.value = write_term(term);
      return {};
    }
    if (term.kind == Term::Kind::binary &&
        (request.option->type == ValueType::text || request.option->type == ValueType::bytes)) {
      request.value = term.text;
      return {};
    }
    const auto text = plain_text(term);
    if (!text) return mistake(text_, offset, join("'", write_term(term), "' is no value of this option"));
    auto bytes = read_value(*request.option, *text);
    if (!bytes) return mistake(text_, offset, bytes.error().cause);
    request.value = std::move(*bytes);
    return {};
  }

  // {{224,0,0,251},any} is "224.0.0.251,any".
  static std::optional<std::string> plain_text(const Term& term) {
    if (term.kind == Term::Kind::integer) return std::to_string(term.integer);
    if (term.kind == Term::Kind::atom || term.kind == Term::Kind::binary) return term.text;
    if (term.kind == Term::Kind::list) return term.characters();
    if (term.kind != Term::Kind::tuple) return std::nullopt;
    if (const auto address = address_of(term)) return to_text(*address);
    std::string text;
    for (const Term& item : term.items) {
      const auto part = item.kind == Term::Kind::tuple && !address_of(item) ? std::nullopt : plain_text(item);
      if (!part) return std::nullopt;
      text += join(text.empty() ? "" : ",", *part);
    }
    return text;
  }

  static std::optional<Address> address_of(const Term& term) {
    if (!term.is_tuple(4) && !term.is_tuple(8)) return std::nullopt;
    const std::size_t width = term.items.size() == 4 ? 1 : 2;
    Address address;
    address.family = width == 1 ? Family::inet : Family::inet6;
    for (std::size_t i = 0; i < term.items.size(); ++i) {
      const Term& item = term.items[i];
      if (item.kind != Term::Kind::integer || item.integer < 0 || item.integer > (width == 1 ? 255 : 65535))
        return std::nullopt;
      const auto number = static_cast<std::uint32_t>(item.integer);
      if (width == 2) address.bytes[2 * i] = static_cast<std::uint8_t>(number >> 8);
      address.bytes[width * i + width - 1] = static_cast<std::uint8_t>(number & 0xffU);
    }
    return address;
  }

  OptionTables tables_;
  SocketKind kind_;
  std::string_view text_;
};

// The value of an option that Erlang has a name for, as its term.
Term erlang_value(const SocketOption& option, const std::string& bytes) {
  const auto number = number_in(option.type, bytes);
  if (number && option.type == ValueType::boolean && (*number == 0 || *number == 1))
    return Term::atom(*number == 0 ? "false" : "true");
  if (number) return Term::of(*number);
  if (option.type == ValueType::text) return Term::binary(bytes);
  if (option.type == ValueType::linger && bytes.size() == 8) {
    const auto seconds = number_in(ValueType::integer, std::string_view(bytes).substr(4));
    const bool on = *number_in(ValueType::integer, std::string_view(bytes).substr(0, 4)) != 0;
    return Term::tuple({Term::atom(on ? "true" : "false"), Term::of(*seconds)});
  }
  return Term::binary(bytes);
}

bool has_erlang_value(const SocketOption& option) {
  return is_number(option.type) || option.type == ValueType::text || option.type == ValueType::linger;
}

}  // namespace

Result<std::vector<OptionRequest>> read_options(OptionTables tables, SocketKind kind, std::string_view text) {
  Reader reader(tables, kind, text);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (text[first] == '[' || text[first] == '{')) return reader.terms();
  auto request = reader.word();
  if (!request) return request.error();
  std::vector<OptionRequest> requests;
  requests.push_back(std::move(*request));
  return requests;
}

std::string erlang_spelling(const OptionRequest& request) {
  if (request.erlang != nullptr && request.option == nullptr) return std::string(request.erlang->name);
  const std::string_view name =
      request.raw || request.option == nullptr ? "" : erlang_name_of(request.option->name);
  if (!name.empty() && !request.value) return std::string(name);
  if (!name.empty() && has_erlang_value(*request.option))
    return write_term(Term::tuple({Term::atom(name), erlang_value(*request.option, *request.value)}),
                      Strings::lists);
  const std::size_t room = request.room != 0           ? request.room
                           : request.option != nullptr ? room_for(*request.option)
                                                       : sizeof(std::int32_t);
  const Term last = request.value ? Term::binary(*request.value) : Term::of(static_cast<std::int64_t>(room));
  return write_term(Term::tuple({Term::atom("raw"), Term::of(request.level), Term::of(request.number), last}),
                    Strings::lists);
}

Result<Extract> read_extract(std::string_view text) {
  const std::size_t colon = text.find(':');
  std::uint16_t offset = 0;
  const std::string_view form = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const unsigned bytes = form == "u8" ? 1 : form == "u16" ? 2 : form == "u32" ? 4 : form == "u64" ? 8 : 0;
  if (bytes == 0 || !read_decimal(text.substr(0, colon), offset))
    return Error{Kind::usage, "--extract", "",
                 join("'", text, "' is no OFFSET:TYPE, as 28:u32 (u8, u16, u32 or u64)")};
  return Extract{std::string(text), {.offset = offset, .width = static_cast<std::uint8_t>(bytes)}};
}

}  // namespace inetctl
