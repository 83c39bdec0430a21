#include "core/socket_listing.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/family_facts.h"
#include "core/socket_store.h"

using namespace inetctl;

namespace {

// Who holds what, told by a table.
class FakeOwners final : public OwnerIndex {
 public:
  std::map<std::uint64_t, std::vector<Owner>> owners;
  std::size_t refused = 0;
  [[nodiscard]] std::span<const Owner> owners_of(std::uint64_t inode) const override {
    const auto found = owners.find(inode);
    return found == owners.end() ? std::span<const Owner>() : found->second;
  }
  [[nodiscard]] std::size_t denied() const override { return refused; }
};

const Process kNginx{12, "nginx", "12/nginx"}, kWorker{13, "nginx", "13/nginx"},
    kOther{20, "other", "20/other"};

// Lists made-up sockets; with the push-down, only what it lets through, as a kernel would.
class FakeBackend final : public Backend {
 public:
  std::vector<Socket> sockets_listed;
  FakeOwners index;
  bool owners_fail = false, sockets_fail = false;
  std::vector<std::string> calls;
  std::vector<std::uint64_t> inodes_asked;
  SocketQuery query;

  [[nodiscard]] std::string_view name() const override { return "Fake"; }
  [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  Status sockets(const SocketQuery& asked, const SocketSink& sink, Notes& notes) override {
    calls.emplace_back("sockets");
    query = asked;
    if (sockets_fail) return Error{Kind::denied, "list", "sockets", "not permitted"};
    for (const Socket& socket : sockets_listed) {
      // The record is the backend's own and is overwritten by the next.
      record_ = socket;
      if (!(asked.push.states & bit(socket.state))) continue;
      if (!allows(asked.push.condition, socket.local, socket.foreign)) continue;
      if (!sink(record_)) break;
    }
    notes.emplace_back("a note of the backend");
    return {};
  }
  Result<std::unique_ptr<OwnerIndex>> owners(std::span<const std::uint64_t> inodes, std::uint32_t) override {
    calls.emplace_back("owners");
    inodes_asked.assign(inodes.begin(), inodes.end());
    if (owners_fail) return Error{Kind::unsupported, "list", "/proc", "none here"};
    return std::unique_ptr<OwnerIndex>(std::make_unique<FakeOwners>(index));
  }
  Result<std::unique_ptr<OwnerIndex>> owners_of_process(std::uint32_t pid) override {
    calls.emplace_back("owners of process");
    auto held = std::make_unique<FakeOwners>();
    held->refused = pid == 30 ? 1 : 0;
    for (const auto& [inode, owners] : index.owners)
      for (const Owner& owner : owners)
        if (owner.process->pid == pid) held->owners[inode].push_back(owner);
    return std::unique_ptr<OwnerIndex>(std::move(held));
  }

 private:
  Socket record_;
};

Socket made(std::uint64_t inode, State state, std::uint16_t port, std::uint64_t received = kNo64) {
  Socket socket;
  socket.inode = inode;
  socket.state = state;
  socket.family = Family::inet;
  socket.local = {Address::v4(127, 0, 0, 1), port};
  socket.foreign = {Address::v4(0, 0, 0, 0), 0};
  socket.received = received;
  return socket;
}

const FieldTable& fields() {
  static const FieldTable table = socket_fields({});
  return table;
}

Filter parsed(std::string_view text) {
  auto filter = Filter::parse(text, fields(), {});
  REQUIRE(filter.has_value());
  return std::move(*filter);
}

// A backend with one socket of many a kind, and one listing of it.
struct Scene {
  FakeBackend backend;
  SocketSelection selection;
  Notes notes;
  // "inode:owner" of each row.
  std::vector<std::string> rows;
  std::size_t most = SIZE_MAX;

  Scene() {
    backend.sockets_listed = {made(100, State::listen, 80, 0), made(101, State::established, 443, 50),
                              made(0, State::time_wait, 8080), made(102, State::established, 22, 7),
                              made(103, State::unconn, 53)};
    backend.index.owners = {
        {100, {{&kNginx, 4}, {&kNginx, 9}, {&kWorker, 4}}}, {101, {{&kWorker, 5}}}, {103, {{&kOther, 3}}}};
    selection.query.protocols = 1;
  }

  Result<std::size_t> run() {
    return list_sockets(
        backend, std::move(selection),
        [&](const Socket& socket) {
          rows.push_back(std::to_string(socket.inode) + ":" + std::string(socket.owner));
          return rows.size() < most;
        },
        notes);
  }
};

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("listing: sockets come as the backend tells them, without owners when nobody asks") {
  Scene scene;
  const auto count = scene.run();
  REQUIRE(count.has_value());
  CHECK(*count == 5);
  CHECK(scene.rows == Rows{"100:", "101:", "0:", "102:", "103:"});
  CHECK(scene.backend.calls == std::vector<std::string>{"sockets"});
  CHECK(scene.notes == Notes{"a note of the backend"});
}

TEST_CASE("listing: owners are looked for after the sockets, and only those of the sockets that are left") {
  Scene scene;
  scene.selection.query.needs = kNeedOwners;
  scene.selection.states = bit(State::established);
  REQUIRE(scene.run().has_value());
  CHECK(scene.rows == Rows{"101:13/nginx", "102:"});
  CHECK(scene.backend.calls == std::vector<std::string>{"sockets", "owners"});
  CHECK(scene.backend.inodes_asked == std::vector<std::uint64_t>{101, 102});
  CHECK(scene.notes.back() == "owner unknown for 1 of 2 sockets: no visible process holds them");
}

TEST_CASE("listing: when rows should come at once, the processes are walked first, with the same result") {
  Scene first, second;
  first.selection.query.needs = second.selection.query.needs = kNeedOwners;
  first.selection.stream = true;
  REQUIRE(first.run().has_value());
  REQUIRE(second.run().has_value());
  CHECK(first.backend.calls == std::vector<std::string>{"owners", "sockets"});
  CHECK(second.backend.calls == std::vector<std::string>{"sockets", "owners"});
  CHECK(first.rows == Rows{"100:12/nginx+1", "101:13/nginx", "0:", "102:", "103:20/other"});
  CHECK(first.rows == second.rows);
  CHECK(first.notes == second.notes);
}

TEST_CASE("listing: a socket's owners are all there, and none is not the same as unknown") {
  for (const bool stream : {false, true}) {
    Scene scene;
    scene.selection.query.needs = kNeedOwners;
    scene.selection.stream = stream;
    std::map<std::uint64_t, std::string> owners;
    const auto count = list_sockets(
        scene.backend, std::move(scene.selection),
        [&](const Socket& socket) {
          std::string text = socket.has & Socket::kOwners ? "known" : "unknown";
          for (const Owner& owner : socket.owners)
            text += " " + std::string(owner.process->label) + ":" + std::to_string(owner.fd);
          CHECK(socket.owner_list.count == socket.owners.size());
          owners[socket.inode] = text;
          return true;
        },
        scene.notes);
    REQUIRE(count.has_value());
    CHECK(owners[100] == "known 12/nginx:4 12/nginx:9 13/nginx:4");
    CHECK(owners[0] == "known");
    CHECK(owners[102] == "unknown");
  }
}

TEST_CASE("listing: the kernel's own sockets have no owner, and nobody says that it is unknown") {
  for (const std::uint64_t portid : {std::uint64_t{0}, std::uint64_t{4711}}) {
    Scene scene;
    FamilyFacts facts;
    facts[FamilyNumber::netlink_portid] = portid;
    Socket socket = made(200, State::unconn, 0);
    socket.protocol = Protocol::netlink;
    socket.facts = &facts;
    scene.backend.sockets_listed = {socket};
    scene.selection.query.protocols = bit(Protocol::netlink);
    scene.selection.query.needs = kNeedOwners;
    bool known = false;
    REQUIRE(list_sockets(
                scene.backend, std::move(scene.selection),
                [&](const Socket& listed) {
                  known = listed.has & Socket::kOwners;
                  return true;
                },
                scene.notes)
                .has_value());
    CHECK(known == (portid == 0));
    CHECK(scene.notes.size() == (portid == 0 ? 1 : 2));
  }
}

TEST_CASE("listing: the other end of a connection is looked for among all sockets, not only those wanted") {
  Scene scene;
  Socket client = made(300, State::established, 4000), server = made(100, State::established, 80);
  client.foreign = server.local;
  server.foreign = client.local;
  scene.backend.sockets_listed.push_back(client);
  scene.backend.sockets_listed.push_back(server);
  const Field* peer = fields().find("peer_owner");
  REQUIRE(peer != nullptr);
  for (const bool stream : {false, true}) {
    for (const std::string_view text :
         {"sport = 4000", "peer_owner ~ nginx", "sport = 4000 and peer_owner = 12/nginx+1"}) {
      CAPTURE(std::string(text));
      Scene one;
      one.backend.sockets_listed = scene.backend.sockets_listed;
      one.selection.query.needs = peer->needs;
      one.selection.stream = stream;
      one.selection.filter = parsed(text);
      Rows rows;
      REQUIRE(list_sockets(
                  one.backend, std::move(one.selection),
                  [&](const Socket& socket) {
                    const Cell cell = peer->get(&socket, *peer);
                    rows.push_back(std::to_string(socket.inode) + ":" + std::string(cell.view()));
                    return true;
                  },
                  one.notes)
                  .has_value());
      CHECK(rows == Rows{"300:12/nginx+1"});
      CHECK(one.backend.calls == std::vector<std::string>{"sockets", "sockets", "owners"});
    }
  }
  // Nobody asks: nothing more is listed.
  Scene none;
  none.selection.query.needs = kNeedOwners;
  REQUIRE(none.run().has_value());
  CHECK(none.backend.calls == std::vector<std::string>{"sockets", "owners"});
}

TEST_CASE("listing: it is said how many processes could not be looked at") {
  Scene scene;
  scene.selection.query.needs = kNeedOwners;
  scene.backend.index.refused = 3;
  REQUIRE(scene.run().has_value());
  CHECK(scene.notes.back() ==
        "owner unknown for 1 of 4 sockets: the descriptors of 3 processes could not be read; root may see "
        "more");
}

TEST_CASE("listing: where all owners are known, there is nothing to say") {
  Scene scene;
  scene.selection.query.needs = kNeedOwners;
  scene.selection.states = bit(State::listen);
  scene.backend.index.refused = 3;
  REQUIRE(scene.run().has_value());
  CHECK(scene.notes == Notes{"a note of the backend"});
}

TEST_CASE("listing: no process is looked at when no socket is left") {
  Scene scene;
  scene.selection.query.needs = kNeedOwners;
  scene.selection.states = bit(State::closing);
  const auto count = scene.run();
  REQUIRE(count.has_value());
  CHECK(*count == 0);
  CHECK(scene.backend.calls == std::vector<std::string>{"sockets"});
}

TEST_CASE("listing: of one process") {
  Scene scene;
  scene.selection.pid = 13;
  REQUIRE(scene.run().has_value());
  CHECK(scene.rows == Rows{"100:", "101:"});

  Scene denied;
  denied.selection.pid = 30;
  const auto count = denied.run();
  REQUIRE_FALSE(count.has_value());
  CHECK(count.error().kind == Kind::denied);
  CHECK(count.error().message() == "list descriptors of process 30: not permitted");
}

TEST_CASE("listing: ordered by a field, absent last in both directions, equals as they came") {
  struct Case {
    std::string_view key;
    bool descending;
    Rows rows;
  };
  const Case cases[] = {
      {"recv", false, {"100:", "102:", "101:", "0:", "103:"}},
      {"recv", true, {"101:", "102:", "100:", "0:", "103:"}},
      {"local", false, {"102:", "103:", "100:", "101:", "0:"}},
      {"local", true, {"0:", "101:", "100:", "103:", "102:"}},
      {"inode", false, {"100:", "101:", "102:", "103:", "0:"}},
      {"inode", true, {"103:", "102:", "101:", "100:", "0:"}},
      {"type", false, {"100:", "101:", "0:", "102:", "103:"}},
      {"type", true, {"100:", "101:", "0:", "102:", "103:"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.key);
    CAPTURE(c.descending);
    Scene scene;
    scene.selection.order = fields().find(c.key);
    scene.selection.descending = c.descending;
    REQUIRE(scene.run().has_value());
    CHECK(scene.rows == c.rows);
  }
}

TEST_CASE("listing: the field to order by is asked for, though it is no column") {
  Scene scene;
  scene.selection.order = fields().find("owner");
  REQUIRE(scene.run().has_value());
  CHECK((scene.backend.query.needs & kNeedOwners) != 0);
  CHECK(scene.rows == Rows{"100:12/nginx+1", "101:13/nginx", "103:20/other", "0:", "102:"});
}

TEST_CASE(
    "listing: the same rows whether the kernel filters or not, with and without owners, streamed and not") {
  const std::pair<std::string_view, Rows> cases[] = {
      {"", {"100", "101", "0", "102", "103"}},
      {"state established", {"101", "102"}},
      {"sport = :443", {"101"}},
      {"sport > :100", {"101", "0"}},
      {"not sport = :443", {"100", "0", "102", "103"}},
      {"owner.comm = nginx", {"100", "101"}},
      {"pid = 13 and state established", {"101"}},
      {"pid = 13 or sport = :53", {"100", "101", "103"}},
      {"sport = :1", {}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.first);
    for (const bool push_down : {false, true}) {
      for (const bool stream : {false, true}) {
        for (const std::uint32_t needs : {std::uint32_t{0}, std::uint32_t{kNeedOwners}}) {
          Scene scene;
          scene.selection.filter = parsed(c.first);
          scene.selection.push_down = push_down;
          scene.selection.stream = stream;
          scene.selection.query.needs = needs;
          const auto count = scene.run();
          REQUIRE(count.has_value());
          CHECK(*count == c.second.size());
          Rows inodes;
          for (const std::string& row : scene.rows) inodes.push_back(row.substr(0, row.find(':')));
          CHECK(inodes == c.second);
          if (!push_down) CHECK(scene.backend.query.push.condition.parts.empty());
        }
      }
    }
  }
}

TEST_CASE("listing: a filter over owners lists sockets first, so that only their processes are looked at") {
  Scene scene;
  scene.selection.filter = parsed("state established and owner.comm = nginx");
  scene.selection.stream = true;
  REQUIRE(scene.run().has_value());
  CHECK(scene.backend.inodes_asked == std::vector<std::uint64_t>{101, 102});
}

TEST_CASE("listing: states that are not listed are not asked for") {
  Scene scene;
  scene.selection.states = bit(State::listen);
  scene.selection.filter = parsed("state connected or state listening");
  REQUIRE(scene.run().has_value());
  CHECK(scene.backend.query.push.states == bit(State::listen));
  CHECK(scene.rows == Rows{"100:"});
}

TEST_CASE("listing: who wants no more gets no more") {
  for (const std::uint32_t needs : {std::uint32_t{0}, std::uint32_t{kNeedOwners}}) {
    for (const bool stream : {false, true}) {
      Scene scene;
      scene.most = 2;
      scene.selection.query.needs = needs;
      scene.selection.stream = stream;
      const auto count = scene.run();
      REQUIRE(count.has_value());
      CHECK(*count == 2);
      CHECK(scene.rows.size() == 2);
    }
  }
}

TEST_CASE("listing: sockets that cannot be listed are an error, owners that cannot be told are a note") {
  Scene sockets;
  sockets.backend.sockets_fail = true;
  CHECK(sockets.run().error().message() == "list sockets: not permitted");
  for (const bool stream : {false, true}) {
    Scene owners;
    owners.backend.owners_fail = true;
    owners.selection.query.needs = kNeedOwners;
    owners.selection.stream = stream;
    const auto count = owners.run();
    REQUIRE(count.has_value());
    CHECK(owners.rows == Rows{"100:", "101:", "0:", "102:", "103:"});
    CHECK(std::count(owners.notes.begin(), owners.notes.end(), "owners are unknown: list /proc: none here") ==
          1);
  }
}

TEST_CASE("listing: when too many are kept, all owners are looked for and the rest streams") {
  constexpr std::size_t kMany = 10'000;
  for (const std::string_view filter : {"", "local_port > 0 and (comm = nginx or not owners)"}) {
    Scene scene;
    scene.backend.sockets_listed.clear();
    for (std::size_t i = 0; i < kMany; ++i)
      scene.backend.sockets_listed.push_back(
          made(100 + i, State::established, static_cast<std::uint16_t>(1 + i)));
    scene.selection.query.needs = kNeedOwners;
    scene.selection.filter = parsed(filter);
    const auto count = scene.run();
    REQUIRE(count.has_value());
    CHECK(scene.backend.calls == std::vector<std::string>{"sockets", "owners"});
    CHECK(scene.backend.inodes_asked.empty());
    CHECK(*count == (filter.empty() ? kMany : kMany - 1));  // 103 is held by another program
    CHECK(scene.rows.size() == *count);
    CHECK(scene.rows.front() == "100:12/nginx+1");
    CHECK(scene.rows.back() == std::to_string(100 + kMany - 1) + ":");
  }
}

TEST_CASE("listing: a platform that has nothing says so") {
  class Nothing final : public Backend {
   public:
    [[nodiscard]] std::string_view name() const override { return "bare"; }
    [[nodiscard]] std::span<const Field> tcp_info_fields() const override { return {}; }
  } backend;
  Notes notes;
  const auto count = list_sockets(
      backend, {}, [](const Socket&) { return true; }, notes);
  REQUIRE_FALSE(count.has_value());
  CHECK(count.error().kind == Kind::unsupported);
  CHECK(count.error().message() == "list sockets: the bare platform cannot do this");
  CHECK_FALSE(backend.owners({}, 0).has_value());
  CHECK_FALSE(backend.owners_of_process(1).has_value());
  CHECK_FALSE(backend.open_recording({.path = "x"}).has_value());
  CHECK(backend.host_addresses("localhost").empty());
}
