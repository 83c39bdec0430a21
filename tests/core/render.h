// One scene through one format, as text.
#pragma once

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "core/output.h"
#include "tests/core/scenes.h"
#include "tests/core/support.h"

namespace inetctl::test {

inline constexpr std::string_view kNineColumns = "port,module,recv,sent,owner,local,foreign,state,type";

struct Look {
  std::string format;
  std::string_view fields = kNineColumns;
  std::uint32_t details = 0;  // SocketGroup bits
  Surface surface{};
  bool chosen = false;
};

inline const FieldTable& core_fields() {
  static const FieldTable table = socket_fields({});
  return table;
}

inline Document document_for(const Look& look) {
  Document document;
  document.command = "i";
  document.noun = "socket";
  document.time_us = 1'700'000'000'123'456;
  auto columns = choose_columns(core_fields(), {}, look.fields);
  REQUIRE(columns.has_value());
  document.columns = *columns;
  document.chosen = look.chosen;
  for (const Field* field : core_fields().in_groups(look.details))
    if (look.fields.find(field->key) == std::string_view::npos) document.details.push_back(field);
  if (look.format == "erlang")
    document.section = [](const void* record) {
      return static_cast<unsigned>(static_cast<const Socket*>(record)->protocol);
    };
  return document;
}

inline std::string rendered(const Scene& scene, const Look& look, const Notes& notes = {}) {
  std::string text;
  Out out(sink_to(text));
  const Format* format = find_format(look.format);
  REQUIRE(format != nullptr);
  const auto output = format->make(out, look.surface);
  output->begin(document_for(look));
  for (const Socket& socket : scene.sockets) output->row(&socket);
  output->end(notes);
  out.flush();
  return text;
}

}  // namespace inetctl::test
