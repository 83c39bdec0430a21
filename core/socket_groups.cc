#include "core/socket_groups.h"

#include <algorithm>

#include "core/cell_text.h"
#include "core/filter_subject.h"

namespace inetctl {

namespace {

constexpr Field kFields[] = {
    {.key = "count",
     .head = "Count",
     .type = Type::number,
     .help = "with --count-by and --summary: how many sockets there are of this kind",
     .get = of_more<SocketCount, [](const SocketCount& g) { return Cell::of(g.count); }>},
};
static_assert(sound(kFields));

}  // namespace

constinit const std::span<const Field> kSocketCountFields = kFields;

Result<SocketGroups> SocketGroups::by(const FieldTable& table, std::string_view words) {
  SocketGroups groups;
  while (true) {
    const std::string_view word = words.substr(0, words.find(','));
    const auto subject = find_subject(table, word);
    const Field* field = subject ? subject->list != nullptr
                                       ? table.find(join(subject->list->key, ".", subject->field->key))
                                       : subject->field
                                 : nullptr;
    if (field == nullptr) return Error{Kind::usage, "--count-by", "", unknown_field(table, word)};
    if (field->type == Type::list)
      return Error{Kind::usage, "--count-by", "",
                   join("'", word, "' is a list; name one of its items, such as '", word, ".",
                        field->items.front().key, "'")};
    groups.each_owner_ = groups.each_owner_ || subject->list != nullptr;
    if (std::find(groups.fields_.begin(), groups.fields_.end(), field) == groups.fields_.end())
      groups.fields_.push_back(field);
    if (word.size() == words.size()) return groups;
    words.remove_prefix(word.size() + 1);
  }
}

void SocketGroups::add(const Socket& socket) {
  counted_.clear();
  if (!each_owner_ || socket.owners.size() < 2) return count(socket);
  Socket of_one = socket;
  for (std::size_t i = 0; i < socket.owners.size(); ++i) {
    of_one.owners = socket.owners.subspan(i, 1);
    of_one.owner_list.items = of_one.owners.data();
    of_one.owner_list.count = 1;
    of_one.owner = of_one.owners.front().process->label;
    count(of_one);
  }
}

void SocketGroups::count(const Socket& socket) {
  key_.clear();
  for (const Field* field : fields_) {
    // Escaped text has no zero byte, so that a group is no other's twin.
    append_cell(key_, field->get(&socket, *field), Spaces::escape);
    key_ += '\0';
  }
  if (each_owner_) {
    if (std::find(counted_.begin(), counted_.end(), key_) != counted_.end()) return;
    counted_.push_back(key_);
  }
  auto found = by_key_.find(key_);
  if (found == by_key_.end()) {
    store_.add(socket);
    found = by_key_.emplace(key_, &groups_.emplace_back(*store_.sockets().back())).first;
  }
  ++found->second->count;
}

std::vector<const SocketCount*> SocketGroups::groups() const {
  std::vector<const SocketCount*> sorted;
  for (const SocketCount& group : groups_) sorted.push_back(&group);
  const auto before = [&](const SocketCount* a, const SocketCount* b) {
    if (a->count != b->count) return a->count > b->count;
    for (const Field* field : fields_)
      if (const int order = compare_cells(field->get(static_cast<const Socket*>(a), *field),
                                          field->get(static_cast<const Socket*>(b), *field));
          order != 0)
        return order < 0;
    return false;
  };
  std::sort(sorted.begin(), sorted.end(), before);
  return sorted;
}

}  // namespace inetctl
