#include "core/posix_errors.h"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include <doctest/doctest.h>

using namespace inetctl;

TEST_CASE("errors: one row for each, found by atom, name and number") {
  std::set<std::string_view> texts;
  std::string atoms;
  for (const PosixError& error : posix_errors()) {
    const std::string atom(error.atom());
    CAPTURE(atom);
    CHECK(find_posix_error(atom) == &error);
    if (!error.name.empty()) CHECK(find_posix_error(error.name) == &error);
    CHECK(texts.insert(error.text).second);
    CHECK(error.text.size() < 60);
    CHECK_FALSE(error.text.ends_with('.'));
    atoms += (atoms.empty() ? "" : " ") + atom;
    if (error.number == 0) continue;
    REQUIRE(find_posix_error(error.number));
    CHECK(find_posix_error(error.number)->number == error.number);
    CHECK(find_posix_error(error.number)->atom() <= atom);
  }
  CHECK(kPosixErrorAtoms == atoms);
  CHECK(find_posix_error("eNoEnt")->number == ENOENT);
  CHECK(find_posix_error(EAGAIN)->atom() == "eagain");
  CHECK(find_posix_error("ewouldblock")->number == EWOULDBLOCK);
  CHECK(find_posix_error("enotsup")->number == ENOTSUP);
  for (const char* word : {"", "e", "enoen", "enoentx", "nxdomai", "e no"})
    CHECK_FALSE(find_posix_error(word));
  for (const int number : {0, -1, -ENOENT, 99999}) CHECK_FALSE(find_posix_error(number));
}

TEST_CASE("errors: the list is Erlang's, the numbers are Linux's") {
  std::ifstream file(TEST_DATA "/errors.json");
  const auto list = nlohmann::json::parse(file);
  REQUIRE(list.size() == 161);
  std::set<std::string> listed;
  for (const auto& entry : list) {
    const auto atom = entry["atom"].get<std::string>();
    CAPTURE(atom);
    const PosixError* error = find_posix_error(atom);
    listed.insert(atom);
    // The list was made without EHWPOISON's number, which Linux has: 133.
    if (atom == "ehwpoison") continue;
    REQUIRE((error != nullptr) == entry["known"].get<bool>());
    if (error == nullptr) continue;
#ifdef __linux__
    CHECK(error->number == (entry["errno"].is_null() ? 0 : entry["errno"].get<int>()));
#endif
  }
  for (const PosixError& error : posix_errors())
    CHECK((listed.count(std::string(error.atom())) == 1 || error.atom() == "erestart"));
}
