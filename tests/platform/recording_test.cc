#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/output.h"
#include "core/socket_listing.h"
#include "platform/linux/backend.h"
#include "platform/replay/recording_file.h"
#include "platform/replay/redact.h"
#include "tests/core/btf_blob.h"
#include "tests/core/support.h"
#include "tests/platform/messages.h"

using namespace inetctl;
using namespace inetctl::test;
using replay::Recording;

namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string known_text() { return text_of_file(std::string(TEST_DATA) + "/recordings/known.rec"); }

std::unique_ptr<Backend> replayed(Recording recording) {
  auto kernel = replay::recorded_kernel(std::move(recording));
  REQUIRE(kernel.has_value());
  return linux_os::make_backend(std::move(*kernel));
}

// All sockets with all fields, as ndjson; by cookie.
std::map<std::string, nlohmann::json> all_rows(Backend& backend, Notes& notes) {
  const FieldTable table = socket_fields(backend.tcp_info_fields());
  std::string text;
  Out out(sink_to(text));
  const auto output = find_format("ndjson")->make(out, {});
  Document document;
  document.columns = table.all();
  output->begin(document);
  SocketSelection selection;
  selection.query.protocols = kInetProtocols | bit(Protocol::local) | bit(Protocol::raw);
  selection.query.needs = needs_of(document.columns);
  const auto count = list_sockets(
      backend, std::move(selection),
      [&](const Socket& socket) {
        output->row(&socket);
        return true;
      },
      notes);
  REQUIRE(count.has_value());
  out.flush();
  std::map<std::string, nlohmann::json> rows;
  for (const std::string& line : lines_of(text)) {
    auto row = nlohmann::json::parse(line);
    rows[row["cookie"].dump()] = row;
  }
  CHECK(rows.size() == *count);
  return rows;
}

// A file that is gone when the test ends.
struct ScratchFile {
  std::string path =
      std::filesystem::temp_directory_path() / ("inetctl-test-" + std::to_string(std::random_device()()));
  ScratchFile() = default;
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { std::remove(path.c_str()); }
};

Status record(linux_os::Kernel& kernel, const RecordingRequest& request, Notes& notes) {
  const auto take_round = replay::open_recording(kernel, request);
  return take_round ? (*take_round)(notes) : Status(take_round.error());
}

}  // namespace

TEST_CASE("recording: what is written is read back") {
  Recording recording;
  recording.chunks["meta"] = {"{}"};
  recording.chunks["diag/tcp/both"] = {"", "\n", std::string("a\0b\n3 4\n", 8), std::string(100'000, 'x')};
  recording.chunks["a name with blanks 12"] = {"x"};
  const auto read = replay::read_recording(replay::write_recording(recording));
  REQUIRE(read.has_value());
  CHECK(read->chunks == recording.chunks);
  CHECK(replay::read_recording(replay::write_recording({}))->chunks.empty());
}

TEST_CASE("recording: every damage is an error with its place, and no crash") {
  struct Case {
    std::string text;
    std::string_view cause;
  };
  const std::string head = "inetctl recording 1\n";
  const std::vector<Case> cases = {
      {"", "at byte 0: this is no inetctl recording of version 1"},
      {"inetctl recording 2\n", "at byte 0: this is no inetctl recording of version 1"},
      {"inetctl recording 1", "at byte 0: this is no inetctl recording of version 1"},
      {head + "meta", "at byte 20: a name and a size were expected"},
      {head + "meta 2", "at byte 20: a name and a size were expected"},
      {head + "\n", "at byte 20: a name and a size were expected"},
      {head + " 2\nxx\n", "at byte 20: a name and a size were expected"},
      {head + "meta \n\n", "at byte 20: a size was expected"},
      {head + "meta -1\n\n", "at byte 20: a size was expected"},
      {head + "meta +1\nx\n", "at byte 20: a size was expected"},
      {head + "meta 1x\nx\n", "at byte 20: a size was expected"},
      {head + "meta 99999999999999999999\n\n", "at byte 20: a size was expected"},
      {head + "meta 18446744073709551615\nx\n", "at byte 20: the file is cut short"},
      {head + "meta 2\nx\n", "at byte 20: the file is cut short"},
      {head + "meta 1\nx", "at byte 20: the file is cut short"},
      {head + "meta 0\n", "at byte 20: the file is cut short"},
      {head + "meta 1\nx\nmore 1\nyy", "at byte 29: the file is cut short"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto read = replay::read_recording(c.text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == Kind::malformed);
    CHECK(read.error().cause == c.cause);
  }
}

TEST_CASE("recording: a file cut anywhere is told from a whole one") {
  const std::string text = known_text();
  REQUIRE(replay::read_recording(text).has_value());
  std::size_t whole = 0;
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto read = replay::read_recording(std::string_view(text).substr(0, size));
    // Cut between two chunks, it is a shorter recording.
    whole += read.has_value() ? 1U : 0U;
  }
  std::size_t chunks = 0;
  const auto all = replay::read_recording(text);
  for (const auto& entry : all->chunks) chunks += entry.second.size();
  CHECK(whole == chunks);
}

TEST_CASE("recording: a damaged one is listed as far as it makes sense") {
  const std::string text = known_text();
  std::mt19937 chance(1);
  for (int i = 0; i < 1500; ++i) {
    std::string damaged = text;
    for (auto n = 1 + chance() % 4; n > 0; --n)
      damaged[chance() % damaged.size()] = static_cast<char>(chance());
    auto read = replay::read_recording(damaged);
    if (!read) continue;
    const auto backend = replayed(std::move(*read));
    SocketSelection selection;
    selection.query.protocols = 7;
    selection.query.needs = ~0U;
    std::size_t rows = 0;
    Notes notes;
    const auto count = list_sockets(
        *backend, std::move(selection), [&](const Socket&) { return ++rows < 1000; }, notes);
    CHECK(rows < 1000);
    if (count) CHECK(*count == rows);
  }
}

TEST_CASE("recording: a file that is not there, or is none, is an error that names it") {
  const auto missing = replay::load("/nonexistent/file");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message().find("read /nonexistent/file: ") == 0);
  const auto directory = replay::load("/");
  REQUIRE_FALSE(directory.has_value());
  const auto other = replay::load(std::string(TEST_DATA) + "/README.md");
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().kind == Kind::malformed);
  CHECK(other.error().object == std::string(TEST_DATA) + "/README.md");
}

TEST_CASE("recording: known sockets are listed as the program that opened them knows them") {
  auto recording = replay::read_recording(known_text());
  REQUIRE(recording.has_value());
  const auto backend = replayed(std::move(*recording));
  Notes notes;
  const auto rows = all_rows(*backend, notes);
  const auto known = nlohmann::json::parse(text_of_file(std::string(TEST_DATA) + "/recordings/known.json"));
  for (const auto& entry : known["sockets"].items()) {
    const std::string& cookie = entry.key();
    const nlohmann::json& facts = entry.value();
    CAPTURE(cookie);
    REQUIRE(rows.count(cookie) == 1);
    const nlohmann::json& row = rows.at(cookie);
    for (const auto& fact : facts.items()) {
      CAPTURE(fact.key());
      CHECK(row[fact.key()] == fact.value());
    }
    REQUIRE(row["owners"].size() == 1);
    const nlohmann::json& owner = row["owners"][0];
    CHECK(owner["pid"] == known["pid"]);
    CHECK(owner["fd"] == facts["fd"]);
    CHECK(owner["comm"] == known["comm"]);
    CHECK(owner.at("cmdline") == nullptr);  // it was made before command lines were kept
    CHECK(row["uid"] == known["uid"]);
  }
  std::size_t time_wait = 0;
  for (const auto& entry : rows) {
    const nlohmann::json& row = entry.second;
    if (row["state"] != "TIME_WAIT") continue;
    ++time_wait;
    CHECK(row["local_port"] == known["time_wait_port"]);
    CHECK(row["inode"] == nullptr);
    CHECK(row["uid"] == nullptr);
    CHECK(row["timer"] == "timewait");
    CHECK(row["owners"] == nlohmann::json::array());
  }
  CHECK(time_wait == 1);
  CHECK(rows.size() == known["sockets"].size() + 2);  // one more waits for accept, and has no inode
}

TEST_CASE("recording: a kernel and its recording answer alike") {
  FakeKernel kernel;
  const auto numbered = [](std::uint32_t inode, std::uint8_t family) {
    Diag diag{.family = family, .interface = 3, .cookie = inode, .uid = inode, .inode = inode};
    diag.attributes = attribute_of<std::uint8_t>(kShutdownAttribute, 0);
    return row(diag);
  };
  kernel.answer = [&](const linux_os::DiagRequest& request,
                      const linux_os::Kernel::TakeDatagram& take) -> Status {
    const auto family = request.family == Family::inet6 ? std::uint8_t{10} : std::uint8_t{2};
    const auto number = static_cast<std::uint32_t>(10 * static_cast<unsigned>(request.protocol) + family);
    // One unix socket: a header without attributes.
    if (request.protocol == Protocol::local) {
      Datagram one{std::byte{1}, std::byte{1}, std::byte{10}, std::byte{0}};
      put<std::uint64_t>(one, 12);
      put<std::uint32_t>(one, 0);
      if (take(message(20, one))) take(done());
      return {};
    }
    if (request.protocol != Protocol::tcp && request.protocol != Protocol::udp)
      return Error{Kind::unsupported, "list", "sctp", "none"};
    if (take(numbered(number, family) + numbered(number + 100, family))) take(done());
    return {};
  };
  kernel.texts["raw"] =
      "sl\n 1: 0100007F:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000 12 0 6 2 0 0\n";
  kernel.interfaces[3] = "br-\xff\x01";
  kernel.users = {{2, "root"}, {12, "me"}};
  kernel.holders[12] = {"two\nlines\xff", {{4, 2}, {5, 12}}};
  kernel.holders[13] = {"", {{4, 2}}};
  kernel.holders[14] = {"theirs", {{4, 20}}, true};
  kernel.process_files[12] = {"12 (x) S 1 12 12 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 500 0 0\n",
                              std::string("a\0b\xff\0", 5), "0::/system.slice/a.service\n", "/bin/a", 2};
  kernel.up_us = 60'000'000;
  kernel.thread_inodes[13] = {120};
  const auto link = [](std::uint32_t index, const std::string& name, std::uint16_t flags = 0) {
    return message(16, link_payload({.index = index, .name = name}), flags);
  };
  const Datagram address =
      message(20, address_payload({.index = 3, .attributes = address_attribute(2, {10, 0, 0, 1})}));
  // The first look at the links is torn: it is not what is kept.
  kernel.links = {{link(9, "torn", 0x10) + done()}, {link(3, "br-\xff\x01"), link(4, "x") + done()}};
  kernel.addresses = {{address + done()}};

  const ScratchFile file;
  Notes notes;
  REQUIRE(record(kernel, {.path = file.path}, notes));
  CHECK(notes.empty());
  auto recording = replay::load(file.path);
  REQUIRE(recording.has_value());
  const auto replay_backend = replayed(std::move(*recording));
  const auto live_backend = linux_os::make_backend(std::make_unique<FakeKernel>(kernel));
  Notes live_notes, replay_notes;
  const auto live = all_rows(*live_backend, live_notes);
  CHECK(live.size() == 8);
  const std::string rows = [&] {
    std::string all;
    for (const auto& entry : live) all += entry.second.dump();
    return all;
  }();
  for (const char* part : {"a.service", "/bin/a", "a b\\\\xff", R"("owner_ppid":1)", R"("owner_age_s":55)"})
    CHECK_MESSAGE(rows.find(part) != std::string::npos, part);
  CHECK(all_rows(*replay_backend, replay_notes) == live);
  CHECK(replay_notes == live_notes);
  const auto interfaces = [&](Backend& backend) {
    const auto links = backend.interfaces(kNeedLinkCounters | kNeedLinkSpeed | kNeedLinkNetns, replay_notes);
    REQUIRE(links.has_value());
    std::string text;
    for (const Interface& one : *links) {
      append_erlang_interface(text, one);
      text +=
          join(" ", std::to_string(one.speed_mbps.value()), one.duplex, std::to_string(one.netns.value()));
    }
    return text;
  };
  CHECK(interfaces(*replay_backend) == interfaces(*live_backend));
  CHECK(interfaces(*replay_backend).find("{addr,{10,0,0,1}}") != std::string::npos);
  CHECK(replay_backend->now_us() == kernel.now_us());
  CHECK(replay_backend->automatic_ports() == kernel.automatic_ports());
}

TEST_CASE("recording: what BPF programs keep with sockets stays with them, and the types of their maps") {
  FakeKernel kernel;
  bool may = true;
  kernel.answer = [&](const linux_os::DiagRequest& request,
                      const linux_os::Kernel::TakeDatagram& take) -> Status {
    if (!is_ip(request.protocol)) return Error{Kind::unsupported, "list", "sockets", "none"};
    if (request.storages && !may) return Error{Kind::denied, "list", "sockets", "no"};
    Datagram rows;
    for (const std::uint32_t map : {7U, 8U, 7U, 9U})  // of 9 nothing is known
      if (request.protocol == Protocol::tcp)
        rows = rows + row({.cookie = rows.size() + 1,
                           .attributes = request.storages ? storage_attribute(map, map) : Datagram()});
    if (take(rows)) take(done());
    return {};
  };
  kernel.links = kernel.addresses = {{done()}};
  BtfBlob blob;
  const auto number = blob.type("u32", 1, 0, 4, {32});
  const auto seen = blob.type("seen", 4, 1, 4, {blob.name("packets"), number, 0});
  kernel.maps = {{7, {"numbers", number, blob.bytes()}}, {8, {"a.b_c", seen, blob.bytes()}}};

  const auto recorded = [&] {
    const ScratchFile file;
    Notes notes;
    REQUIRE(record(kernel, {.path = file.path}, notes));
    CHECK(notes.empty());
    return *replay::load(file.path);
  };
  const Recording whole = recorded();
  CHECK(kernel.maps_asked == std::vector<std::uint32_t>{7, 8, 9});
  Notes notes;
  const auto live_backend = linux_os::make_backend(std::make_unique<FakeKernel>(kernel));
  const auto live = all_rows(*live_backend, notes), replay = all_rows(*replayed(whole), notes);
  CHECK(live.size() == 4);
  CHECK(replay == live);
  CHECK(live.at("1")["bpf_storages"].dump() ==
        R"([{"map_id":7,"map_name":"numbers","size":4,"value":"07000000","value_text":"7"}])");

  const Recording redacted = replay::Redaction().redact(whole, notes);
  CHECK(notes.back() ==
        "left out, for what they hold cannot be redacted: bpf_map/ID, bpf_map/ID/btf, cgroups");
  for (const auto& [cookie, one] : all_rows(*replayed(redacted), notes))
    CHECK(one.at("bpf_storages").is_null());

  may = false;  // then the list without them is what is recorded
  const auto rows = all_rows(*replayed(recorded()), notes);
  CHECK(rows.size() == 4);
  CHECK(rows.at("1")["bpf_storages"].is_null());
}

TEST_CASE("recording: rounds follow each other, compressed or not") {
  FakeKernel kernel;
  kernel.answer = sends({done()});
  for (const char* const ending : {"", ".zst"}) {
    CAPTURE(ending);
    ScratchFile file;
    file.path += ending;
    Notes notes;
    const auto take_round = replay::open_recording(kernel, {.path = file.path});
    REQUIRE(take_round.has_value());
    for (const char* const name : {"first", "second", "third"}) {
      kernel.holders[7] = {name, {{4, 2}}};
      const Status taken = (*take_round)(notes);
      if (!taken && taken.error().kind == Kind::unsupported) return;  // built without libzstd
      REQUIRE(taken);
    }
    const auto program = [&](const std::string& word) {
      const auto recording = replay::load(word);
      return recording ? recording->chunks.at("proc/7/comm").front() : recording.error().message();
    };
    CHECK(program(file.path) == "third");
    CHECK(program(file.path + "#1") == "first");
    CHECK(program(file.path + "#2") == "second");
    CHECK(program(file.path + "#4") == "read " + file.path + "#4: it has 3 rounds");
    for (const char* const none : {"#0", "#x", "#", "#-1", "#99999999999999999999"})
      CHECK(program(file.path + none).find("No such file") != std::string::npos);
    const std::string bytes = text_of_file(file.path);
    for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{5}}) {
      std::ofstream(file.path, std::ios::binary | std::ios::trunc) << bytes.substr(0, size);
      CHECK_FALSE(replay::load(file.path).has_value());
    }
    // A file's own name comes first.
    const std::string marked = file.path + "#1";
    std::filesystem::rename(file.path, marked);
    std::ofstream(marked, std::ios::binary | std::ios::trunc) << bytes;
    CHECK(program(marked) == "third");
    std::filesystem::remove(marked);
  }
}

TEST_CASE("recording: of a kernel without rtnetlink there are no interfaces, which is said") {
  FakeKernel kernel;
  kernel.answer = sends({done()});
  const ScratchFile file;
  Notes notes;
  REQUIRE(record(kernel, {.path = file.path}, notes));
  CHECK(notes == Notes{"interfaces could not be recorded: there is no such source here"});
  auto recording = replay::load(file.path);
  REQUIRE(recording.has_value());
  const auto backend = replayed(std::move(*recording));
  CHECK(backend->interfaces(0, notes).error().message() == "list interfaces: the recording has none");
  CHECK(backend->watch_interfaces({}).error().kind == Kind::unsupported);
  CHECK(backend->enter_namespace("x").error().kind == Kind::unsupported);
}

TEST_CASE("recording: one family can be asked of a walk over both") {
  auto recording = replay::read_recording(known_text());
  REQUIRE(recording.has_value());
  const auto backend = replayed(std::move(*recording));
  for (const bool six : {false, true}) {
    SocketQuery query;
    query.protocols = 1;
    (six ? query.inet : query.inet6) = false;
    std::set<Family> families;
    Notes notes;
    REQUIRE(backend->sockets(
        query,
        [&](const Socket& socket) {
          families.insert(socket.family);
          return true;
        },
        notes));
    CHECK(families == std::set<Family>{six ? Family::inet6 : Family::inet});
  }
}

TEST_CASE("recording: the machine keeps its name, whatever bytes that has") {
  for (const std::string name : {"foo.bar.baz", "", "\xff\x01 \n"}) {
    Recording recording;
    recording.chunks["nodename"] = {name};
    const auto kernel = replay::recorded_kernel(*replay::read_recording(replay::write_recording(recording)));
    CHECK(*(*kernel)->node_name() == name);
    const ScratchFile file;
    Notes notes;
    REQUIRE(record(**kernel, {.path = file.path}, notes));
    CHECK(*(*replay::recorded_kernel(*replay::load(file.path)))->node_name() == name);
  }
  const auto nameless = replay::recorded_kernel(Recording());
  CHECK((*nameless)->node_name().error().message() == "tell host name: the recording has none");
}

TEST_CASE("recording: odd meta data is left out, not believed") {
  for (const char* meta :
       {"", "{", "[]", "null", "{\"release\":7,\"time_us\":\"x\",\"netns\":1.5}", "{\"release\":null}",
        "{\"first_automatic_port\":-1}", "{\"netns\":99999999999999999999}"}) {
    CAPTURE(meta);
    Recording recording;
    recording.chunks["meta"] = {meta};
    const auto backend = replayed(std::move(recording));
    CHECK(backend->now_us() == 0);
  }
}

TEST_CASE("recording: it says when it cannot be written") {
  FakeKernel kernel;
  kernel.answer = sends({done()});
  Notes notes;
  for (const char* path : {"/nonexistent/file", "/", "/dev/full"}) {
    const Status status = record(kernel, {.path = path}, notes);
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().message().find(std::string("write ") + path + ": ") == 0);
  }
}
