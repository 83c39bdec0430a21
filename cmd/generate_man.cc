// The manual page: the template has the prose, this file fills in commands, flags, formats and fields.
#include <algorithm>

#include "cmd/generate.h"
#include "cmd/help.h"
#include "cmd/templates.h"

namespace inetctl {

namespace {

// "\[u2026]" for a character that is not ASCII, and its length in bytes. Our tables are valid UTF-8.
struct Escape {
  std::string text;
  std::size_t size;
};
Escape unicode_escape(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(text[i]));
  };
  const std::size_t size = std::min<std::size_t>(byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4, text.size());
  unsigned code = byte(0) & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 0x3fU);
  std::string digits;
  for (int shift = code > 0xffff ? 16 : 12; shift >= 0; shift -= 4)
    digits += "0123456789ABCDEF"[code >> shift & 15U];
  return {join("\\[u", digits, "]"), size};
}

// Text that roff takes for nothing but text.
std::string roff(std::string_view text) {
  std::string all;
  for (bool word_start = true; !text.empty();) {
    const char c = text[0];
    std::size_t size = 1;
    if (static_cast<unsigned char>(c) >= 0x80) {
      const Escape escape = unicode_escape(text);
      all += escape.text;
      size = escape.size;
    } else if (c == '\\') {
      all += "\\e";
    } else if (c == '\'') {
      all += "\\(aq";
    } else if (c == '~') {
      all += "\\(ti";
    } else if (c == '^') {
      all += "\\(ha";
    } else if (c == '-' && (word_start || all.back() == '-')) {
      all += "\\-";
    } else if (c == '.' && all.empty()) {
      all += "\\&.";
    } else {
      all += c;
    }
    word_start = c == ' ' || c == '\'' || c == '(';
    text.remove_prefix(size);
  }
  return all;
}

// A word as a macro's argument: never a macro itself, never punctuation.
std::string argument(std::string_view word) { return join("\\&", roff(word)); }

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// mdoc wants each sentence to start a line.
std::string sentences(std::string_view text) {
  std::string all;
  while (true) {
    std::size_t end = text.find(". ");
    while (end != std::string_view::npos && end + 2 < text.size() && !is_capital(text[end + 2]))
      end = text.find(". ", end + 1);
    if (end == std::string_view::npos) return join(all, roff(text), "\n");
    all += join(roff(text.substr(0, end + 1)), "\n");
    text.remove_prefix(end + 2);
  }
}

// The one line of a table as a sentence: a capital where it starts with a plain word, and a full stop.
std::string as_sentence(std::string_view line) {
  std::string text(line);
  const std::size_t word = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
  if (word != 0 && (word == std::string_view::npos || line[word] == ' ' || line[word] == ','))
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

std::string paragraphs(std::string_view text) {
  std::string all;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    std::string paragraph(text.substr(0, end));
    std::replace(paragraph.begin(), paragraph.end(), '\n', ' ');
    all += join(".Pp\n", sentences(paragraph));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return all;
}

template <class Words>
std::string by_comma(const Words& words) {
  std::string all;
  for (const auto& word : words) all.append(all.empty() ? "" : ", ").append(word);
  return all;
}

std::string flag_item(const UsableFlag& usable) {
  const Flag& flag = *usable.flag;
  std::string item = ".It";
  if (usable.letter != 0) item += join(" Fl ", argument(std::string(1, usable.letter)));
  if (usable.letter != 0 && !flag.name.empty()) item += " ,";
  if (!flag.name.empty()) item += join(" Fl -", flag.name);
  if (!flag.value.empty()) item += join(" Ar ", argument(flag.value));
  item += join("\n", sentences(as_sentence(flag.help)));
  const auto choices = choices_of(flag);
  if (!choices.empty()) item += join("One of ", by_comma(choices), ".\n");
  if (!flag.doc.empty()) item += sentences(flag.doc);
  return item;
}

std::string flag_list(const std::vector<UsableFlag>& flags, bool global) {
  std::string items;
  for (const UsableFlag& usable : flags)
    if (usable.global == global) items += flag_item(usable);
  return items.empty() ? "" : join(".Bl -tag -width Ds\n", items, ".El\n");
}

std::string command_section(const Command& command) {
  std::string text = join(".Ss inetctl ", command.name, "\n.Dl inetctl ", argument(command.name), " [flags]");
  for (const std::string_view word : words_of(command.operands)) text += join(" ", argument(word));
  text += join("\n.Pp\n", sentences(as_sentence(command.summary)), paragraphs(command.doc));
  return text + flag_list(flags_of(command), false);
}

std::string without_last_newline(std::string text) {
  if (!text.empty()) text.pop_back();
  return text;
}

std::string command_sections() {
  std::string text;
  for (const Command* command : commands()) text += command_section(*command);
  return without_last_newline(std::move(text));
}

std::string global_flags() {
  std::vector<UsableFlag> flags;
  for (const Flag& flag : kGlobalFlags) flags.push_back({&flag, flag.letter, true});
  return without_last_newline(flag_list(flags, true));
}

std::string format_list() {
  std::string text = ".Bl -tag -width Ds\n";
  for (const Format& format : formats())
    text += join(".It Cm ", argument(format.name), "\n", sentences(as_sentence(format.help)));
  return text + ".El";
}

std::string field_item(const Field& field) {
  std::string item = join(".It Cm ", argument(field.key), " Pq ", argument(field_facts(field)), "\n");
  item += sentences(as_sentence(field.help));
  if (!field.choices.empty()) {
    std::vector<std::string_view> words;
    for (const Choice& choice : field.choices) words.push_back(choice.word);
    item += join("One of ", by_comma(words), ".\n");
  }
  if (field.items.empty()) return item;
  item += "Each has:\n.Bl -tag -width Ds -compact\n";
  for (const Field& part : field.items) item += field_item(part);
  return item + ".El\n";
}

// Commands whose rows have the same fields share one section.
struct FieldSection {
  std::vector<std::string> names;
  std::vector<const Field*> fields;
};

std::string field_sections(const Backend& backend) {
  std::vector<FieldSection> sections;
  for (const Command* command : commands()) {
    if (command->fields == nullptr) continue;
    const std::vector<const Field*> fields = command->fields(backend).all();
    const auto same = std::find_if(sections.begin(), sections.end(),
                                   [&fields](const auto& s) { return s.fields == fields; });
    if (same == sections.end())
      sections.push_back({{std::string(command->name)}, fields});
    else
      same->names.emplace_back(command->name);
  }
  std::string text;
  for (const FieldSection& section : sections) {
    text += join(".Ss Fields of inetctl ", by_comma(section.names), "\n.Bl -tag -width Ds\n");
    for (const Field* field : section.fields) text += field_item(*field);
    text += ".El\n";
  }
  return without_last_newline(std::move(text));
}

}  // namespace

std::string manual_page(const Backend& backend) {
  return fill_template(kManTemplate, {{"@COMMANDS@", command_sections()},
                                      {"@GLOBAL_FLAGS@", global_flags()},
                                      {"@FORMATS@", format_list()},
                                      {"@FIELDS@", field_sections(backend)}});
}

}  // namespace inetctl
