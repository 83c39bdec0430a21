#include "core/socket_groups.h"

#include <array>

#include <doctest/doctest.h>

#include "core/process_facts.h"
#include "core/text.h"

using namespace inetctl;

namespace {

struct Population {
  std::array<Process, 3> processes{Process{1, "nginx", "1/nginx"}, Process{2, "nginx", "2/nginx"},
                                   Process{3, "sshd", "3/sshd"}};
  std::array<Owner, 3> owners{Owner{&processes[0], 5}, Owner{&processes[1], 5}, Owner{&processes[2], 3}};

  Socket socket(State state, std::size_t first, std::size_t count) {
    Socket made;
    made.state = state;
    made.owners = std::span<const Owner>(owners).subspan(first, count);
    made.has = Socket::kOwners;
    return made;
  }
};

std::string text_of(const SocketGroups& groups) {
  std::string text;
  for (const SocketCount* group : groups.groups()) {
    for (const Field* field : groups.fields()) {
      const Cell cell = field->get(static_cast<const Socket*>(group), *field);
      text += join(cell.kind == CellKind::absent   ? std::string("-")
                   : cell.kind == CellKind::number ? std::to_string(cell.number)
                                                   : std::string(cell.view()),
                   " ");
    }
    text += join(std::to_string(group->count), "\n");
  }
  return text;
}

SocketGroups grouped(Population& population, std::string_view words) {
  auto groups = SocketGroups::by(socket_fields({}), words);
  REQUIRE(groups.has_value());
  for (const Socket& socket :
       {population.socket(State::listen, 0, 2), population.socket(State::listen, 2, 1),
        population.socket(State::established, 1, 1), population.socket(State::established, 0, 0)})
    groups->add(socket);
  return std::move(*groups);
}

}  // namespace

TEST_CASE("groups: by one field, the most frequent first, then in its order") {
  Population population;
  CHECK(text_of(grouped(population, "state")) == "ESTABLISHED 2\nLISTEN 2\n");
  CHECK(text_of(grouped(population, "protocol")) == "tcp 4\n");
}

TEST_CASE("groups: a socket of several processes counts once for each name") {
  Population population;
  CHECK(text_of(grouped(population, "owner.comm")) == "nginx 2\nsshd 1\n- 1\n");
  CHECK(text_of(grouped(population, "state,comm")) ==
        "ESTABLISHED nginx 1\nESTABLISHED - 1\nLISTEN nginx 1\nLISTEN sshd 1\n");
  CHECK(text_of(grouped(population, "owner.pid")) == "2 2\n1 1\n3 1\n- 1\n");
}

TEST_CASE("groups: what is no field is refused with the nearest that is") {
  CHECK(SocketGroups::by(socket_fields({}), "stat").error().cause ==
        "unknown field 'stat'; did you mean 'state'?");
  CHECK(SocketGroups::by(socket_fields({}), "state,")
            .error()
            .message()
            .starts_with("--count-by: unknown field ''"));
  CHECK(SocketGroups::by(socket_fields({}), "owners").error().cause ==
        "'owners' is a list; name one of its items, such as 'owners.pid'");
}

TEST_CASE("groups: of an owner's member that the socket has too, the owner's is meant") {
  Population population;
  const auto facts = std::make_shared<ProcessFacts>();
  facts->user = "www-data";
  facts->unit = "nginx.service";
  population.processes[0].facts = facts;
  CHECK(text_of(grouped(population, "owner.user")) == "- 4\nwww-data 1\n");
  CHECK(text_of(grouped(population, "owners.unit")) == "- 4\nnginx.service 1\n");
  CHECK(text_of(grouped(population, "user")) == "- 4\n");
}
