// A node's start, as inet_config does it: its own name, the inetrc with the files that it names, and the two
// files that are looked at later.
#include <algorithm>
#include <array>
#include <utility>

#include "core/inet_parse.h"
#include "core/resolver/config_line.h"
#include "core/resolver/settings.h"
#include "core/text.h"

namespace inetctl::inet {

namespace {

constexpr std::string_view kOperation = "read inetrc";
constexpr std::string_view kMachineName = "hostname", kEtcVariable = "environment:ERL_INET_ETC_DIR";

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// What stands behind the first dot is domain, and the first to search.
void take_domain(Settings& settings, std::string_view name) {
  const std::size_t dot = name.find('.');
  if (!name.empty() && dot == std::string_view::npos) return;
  const std::string domain(name.empty() ? "nodomain" : name.substr(dot + 1));
  if (!is_visible(domain)) return;
  const Origin origin{"", 0, kMachineName};
  settings.domain = domain;
  settings.origin(Scalar::domain) = origin;
  auto& search = settings.search;
  search.add(domain, origin);
  std::rotate(search.items.begin(), search.items.end() - 1, search.items.end());
  std::rotate(search.origins.begin(), search.origins.end() - 1, search.origins.end());
}

// "% coding: latin-1" in one of the first two lines.
bool says_latin1(std::string_view text) {
  for (int line = 0; line < 2; ++line) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    const std::size_t comment = whole.find('%');
    const std::size_t word = comment == std::string_view::npos ? comment : whole.find("coding", comment);
    if (word != std::string_view::npos) {
      std::string_view rest = whole.substr(word + 6);
      rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
      if (rest.starts_with(':') || rest.starts_with('=')) {
        rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        return equals_ignoring_case(rest.substr(0, 7), "latin-1");
      }
    }
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
  }
  return false;
}

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) append_utf8(text, static_cast<unsigned char>(byte));
  return text;
}

std::size_t first_bad_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t size = decode_utf8(text.substr(at)).size;
    if (size == 0) return at;
    at += size;
  }
  return std::string_view::npos;
}

// Between directives and behind the last one inet_config takes blanks, tabs, line feeds and comments; any
// other blank begins a term, and then the file ends within one. One blank of any kind belongs to a full stop.
std::size_t unfinished(std::string_view text, std::size_t end) {
  if (end > 0 && end < text.size() && static_cast<unsigned char>(text[end]) <= ' ') ++end;
  while (end < text.size()) {
    if (text[end] == '%')
      end = std::min(text.find('\n', end), text.size());
    else if (text[end] == ' ' || text[end] == '\t' || text[end] == '\n')
      ++end;
    else
      return end;
  }
  return std::string_view::npos;
}

class Starting {
 public:
  Starting(const NodeStart& start, const std::string& path, const ReadFile& read)
      : start_(start), path_(path), read_(read) {}

  Loaded run() && {
    take_domain(settings(), start_.machine_name);
    if (settings().domain.empty() && !start_.canonical_name.empty())
      take_domain(settings(), start_.canonical_name);
    if (!path_.empty() && read_terms()) {
      apply_files();
      apply_rest();
    }
    monitor(settings().resolv_conf, "resolv.conf", Scalar::resolv_conf);
    monitor(settings().hosts_file, "hosts", Scalar::hosts_file);
    return std::move(loaded_);
  }

 private:
  Settings& settings() { return loaded_.settings; }

  void fail(std::size_t offset, std::string cause) {
    if (!loaded_.error)
      loaded_.error = mistake_in_text(std::string(kOperation), path_, text_, offset, std::move(cause));
  }
  void note(Error error) { loaded_.notes.push_back(std::move(error)); }

  // False when there are no directives to apply: the node starts without.
  bool read_terms() {
    auto text = read_(path_);
    if (!text) return loaded_.error = text.error(), false;
    text_ = says_latin1(*text) ? from_latin1(*text) : std::move(*text);
    if (const std::size_t bad = first_bad_utf8(text_); bad != std::string::npos)
      return fail(bad, "this is no UTF-8; Erlang takes nothing of this file"), false;
    file_ = read_placed_terms(text_);
    if (!file_.mistake.empty())
      return fail(file_.mistake_at, join(file_.mistake, "; Erlang takes nothing of this file")), false;
    if (const std::size_t at = unfinished(text_, file_.end); at != std::string::npos)
      return fail(at, "a term was expected behind this blank; Erlang takes nothing of this file"), false;
    return sort_out();
  }

  // Directives that name a file come first; one that is no such ends it all.
  bool sort_out() {
    for (std::size_t i = 0; i < file_.terms.size(); ++i) {
      const Term& term = file_.terms[i];
      const bool file = term.is_tuple(3) && term.items[0].is_atom("file");
      const bool registry = term.is_tuple(2) && term.items[0].is_atom("registry");
      if (!file && !registry) {
        rest_.push_back(i);
        continue;
      }
      const std::string_view kind =
          term.items[1].kind == Term::Kind::atom ? term.items[1].text : std::string_view();
      if (!file_format(kind) && kind != "win32")
        return fail(file_.places[i].item(1).offset,
                    "there is no such format; Erlang takes nothing of this file"),
               false;
      files_.push_back(i);
    }
    return true;
  }

  void apply_files() {
    for (const std::size_t i : files_) {
      const Term& term = file_.terms[i];
      const std::size_t at = file_.places[i].item(1).offset;
      const bool registry = term.items[0].is_atom("registry");
      if (registry && term.items[1].is_atom("win32")) {
        note(mistake_in_text(std::string(kOperation), path_, text_, at,
                             "only Windows has a registry; Erlang goes on"));
      } else if (registry || term.items[1].is_atom("win32")) {
        loaded_.starts = registry ? false : loaded_.starts && !readable(term.items[2]);
        if (!loaded_.starts) return fail(at, "a node does not start with this directive");
      } else {
        apply_file(*file_format(term.items[1].text), term.items[2], file_.places[i].item(2).offset);
      }
    }
  }

  bool readable(const Term& name) {
    const auto path = file_name(name);
    return path && read_(*path).has_value();
  }

  void apply_file(FileFormat format, const Term& name, std::size_t place) {
    const auto path = name.kind == Term::Kind::binary ? std::nullopt : file_name(name);
    if (!path)
      return note(mistake_in_text(std::string(kOperation), path_, text_, place,
                                  "no file name that Erlang reads here; it goes on"));
    const auto text = read_(*path);
    if (!text) return note(text.error());
    if (format == FileFormat::hosts)
      apply_hosts(*text, *path);
    else if (format == FileFormat::resolv)
      apply_resolv(*text, *path);
    else
      apply_lookup(read_lookup_file(format, *text, *path), *path);
  }

  void skipped(std::vector<Error>& errors) {
    for (Error& error : errors) note(std::move(error));
  }

  // False when inet_db refused it: the rest of that file is not taken.
  bool take(std::string_view name, Term value, const Origin& origin) {
    const Term directive = Term::tuple({Term::atom(name), std::move(value)});
    const Applied applied = apply(settings(), directive, origin, read_, start_.otp);
    if (!applied.ok())
      note({Kind::malformed, "read", to_text(origin), join(applied.cause, "; Erlang leaves this file here")});
    return applied.ok();
  }

  static Term words(const std::vector<std::string>& texts) {
    std::vector<Term> items;
    for (const std::string& text : texts) items.push_back(Term::latin1(text));
    return Term::list(std::move(items));
  }

  void apply_hosts(std::string_view text, const std::string& path) {
    HostsFile file = read_hosts(text, path);
    skipped(file.skipped);
    for (const HostEntry& entry : file.entries) {
      const Term directive = Term::tuple({Term::atom("host"), to_tuple(entry.address), words(entry.names)});
      static_cast<void>(apply(settings(), directive, entry.origin, read_, start_.otp));
    }
  }

  void apply_resolv(std::string_view text, const std::string& path) {
    ResolvConf file = read_resolv_conf(text, path);
    skipped(file.skipped);
    for (const ResolvLine& line : file.lines) {
      const Origin origin{path, line.line};
      bool taken = true;
      if (line.kind == ResolvLine::Kind::nameserver)
        taken = take("nameserver", to_tuple(line.address), origin);
      else if (line.kind == ResolvLine::Kind::domain)
        taken = take("domain", Term::latin1(line.words[0]), origin);
      else
        taken = take(line.kind == ResolvLine::Kind::search ? "search" : "lookup", words(line.words), origin);
      if (!taken) return;
    }
  }

  void apply_lookup(LookupFile file, const std::string& path) {
    skipped(file.skipped);
    for (const LookupFile::Words& list : file.lists)
      if (!take("lookup", words(list.words), {path, list.line})) return;
  }

  void apply_rest() {
    for (std::size_t done = 0; done < rest_.size() && loaded_.starts; ++done) {
      const std::size_t i = rest_[done];
      const TermPlace& place = file_.places[i];
      const Origin origin{path_, line_number(text_, place.offset)};
      Applied applied = apply(settings(), file_.terms[i], origin, read_, start_.otp);
      skipped(applied.notes);
      if (applied.ok()) continue;
      const TermPlace* at = &place;
      for (const std::int8_t item : applied.at)
        if (item >= 0) at = &at->item(static_cast<std::size_t>(item));
      loaded_.starts = applied.verdict != Applied::Verdict::crash;
      return fail(at->offset,
                  join(applied.cause, loaded_.starts ? stop_text(rest_.size() - done - 1)
                                                     : "; a node does not start with this directive"));
    }
  }

  static std::string stop_text(std::size_t behind) {
    if (behind == 0) return "; Erlang stops here";
    return join("; Erlang stops here and leaves out what follows (",
                behind == 1 ? "one directive" : join(std::to_string(behind), " directives"), ")");
  }

  // Not read now, but before each use.
  void monitor(std::optional<std::string>& path, std::string_view name, Scalar which) {
    if (path) return;
    std::string folder = start_.etc;
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    if (!folder.starts_with('/')) return;
    path = folder == "/" ? join(folder, name) : join(folder, "/", name);
    settings().origin(which) = {"", 0, start_.etc_from_environment ? kEtcVariable : "built-in"};
  }

  const NodeStart& start_;
  const std::string& path_;
  const ReadFile& read_;
  Loaded loaded_;
  std::string text_;
  PlacedTerms file_;
  std::vector<std::size_t> files_, rest_;  // indices into file_.terms
};

}  // namespace

std::string to_text(const Origin& origin) {
  if (origin.path.empty()) return std::string(origin.source);
  return origin.line == 0 ? origin.path : join(origin.path, ":", std::to_string(origin.line));
}

Loaded load(const NodeStart& start, const std::string& inetrc, const ReadFile& read) {
  return Starting(start, inetrc, read).run();
}

}  // namespace inetctl::inet
