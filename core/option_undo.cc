#include "core/option_undo.h"

#include <algorithm>

#include "core/hex.h"
#include "core/option_reader.h"
#include "core/option_row.h"
#include "core/option_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

bool is_safe(char c) {
  constexpr std::string_view kSafe = "_@%+=:,./-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kSafe.find(c) != std::string_view::npos;
}

bool was_read(const std::optional<OptionAnswer>& answer) { return answer && answer->error == 0; }

// What must be set for the option to read `bytes`.
std::string value_for(const SocketOption& option, std::string_view bytes) {
  const auto number = number_in(option.type, bytes);
  return option.is(kDoubled) && number ? number_bytes(option.type, *number / 2) : std::string(bytes);
}

OptionRequest request_for(const SocketOption& option) {
  OptionRequest request{.spelt = std::string(option.name), .option = &option};
  request.level = option.level;
  request.number = option.number;
  return request;
}

// Why a change has no way back; empty when it has one.
std::string_view why_lasting(const OptionChange& change) {
  if (change.request->option != nullptr && change.request->option->is(kIrreversible))
    return "no later set undoes it";
  return was_read(change.trial.before) ? "" : "it cannot be read, so what it was is not known";
}

bool has_changed(const Trial& trial) {
  if (!trial.set_error) return false;
  if (was_read(trial.before) && was_read(trial.after)) return trial.before->bytes != trial.after->bytes;
  return *trial.set_error == 0;
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_safe)) return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string spell_option(OptionTables tables, SocketKind kind, const OptionRequest& request,
                         std::string_view bytes) {
  if (request.option != nullptr) {
    const std::string value = value_for(*request.option, bytes);
    std::string word = join(request.option->name, "=", show_value(*request.option, value));
    const auto back = read_options(tables, kind, word);
    const bool says_it = back && back->size() == 1 && back->front().level == request.level &&
                         back->front().number == request.number && back->front().value &&
                         same_value(request, *back->front().value, value);
    if (says_it && word.find(' ') == std::string::npos) return word;
    return join("raw:", std::to_string(request.level), ":", std::to_string(request.number),
                "=hex:", to_hex(value));
  }
  return join(shown_name(request), "=hex:", to_hex(bytes));
}

std::string undo_commands(OptionTables tables, const Socket& socket, std::span<const OptionChange> changes) {
  const SocketKind kind = kind_of(socket);
  std::string words, comments;
  for (std::size_t i = changes.size(); i-- > 0;) {
    const OptionChange& change = changes[i];
    if (!has_changed(change.trial)) continue;
    if (const std::string_view why = why_lasting(change); !why.empty()) {
      comments += join("# ", shown_name(*change.request), " is not restored: ", why, "\n");
      continue;
    }
    words += join(" ", shell_word(spell_option(tables, kind, *change.request, change.trial.before->bytes)));
    // Last, because the option's own way back moves it once more.
    if (change.moved != nullptr && change.moved_before)
      words +=
          join(" ", shell_word(spell_option(tables, kind, request_for(*change.moved), *change.moved_before)));
  }
  if (words.empty() && comments.empty()) return "";
  std::string text = join("# ", name_of(socket.protocol), " ", escaped(to_text(socket.local)), " ",
                          escaped(to_text(socket.foreign)), "\n", comments);
  if (words.empty()) return text;
  return text + join("inetctl setopts ",
                     shell_word(join("inode = ", std::to_string(socket.inode),
                                     " and cookie = ", std::to_string(socket.cookie))),
                     words, "\n");
}

}  // namespace inetctl
