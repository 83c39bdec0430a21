#include "core/size_figures.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include <doctest/doctest.h>

using namespace inetctl;

// What a node's sockets counted when these sizes went from one to the other.
TEST_CASE("sizes: the figures that inet:getstat counted") {
  std::ifstream file(TEST_DATA "/inet/getstat.jsonl");
  std::size_t checked = 0;
  for (std::string line; std::getline(file, line);) {
    CAPTURE(line);
    const auto measured = nlohmann::json::parse(line);
    SizeFigures received, sent;
    // With {packet,N} the driver counts the header of N bytes as well, on both sides; with {packet,line} the
    // lines went out in one call.
    const std::string packet = measured.value("packet", "0");
    const std::uint64_t header = std::strtoull(packet.c_str(), nullptr, 10);
    for (const auto& size : measured.at("sizes")) {
      received.add(header + size.get<std::uint64_t>());
      if (packet != "line") sent.add(header + size.get<std::uint64_t>());
    }
    if (packet == "line") sent.add(received.octets());
    for (const char* side : {"recv", "send"}) {
      const SizeFigures& figures = side == std::string("recv") ? received : sent;
      const auto& answer = measured.at(side == std::string("recv") ? "receiver" : "sender");
      const auto is = [&](const char* figure, std::uint64_t value) {
        const auto found = answer.find(std::string(side) + figure);
        if (found != answer.end()) CHECK(found->get<std::uint64_t>() == value);
      };
      is("_oct", figures.octets());
      is("_cnt", figures.count());
      is("_max", figures.largest());
      is("_avg", figures.average());
      is("_dvi", figures.deviation());
    }
    ++checked;
  }
  CHECK(checked == 180);
}

TEST_CASE("sizes: none, and the largest that fit") {
  SizeFigures figures;
  CHECK(figures.octets() == 0);
  CHECK(figures.count() == 0);
  CHECK(figures.average() == 0);
  CHECK(figures.deviation() == 0);
  // All but the octets are numbers of 32 bits.
  figures.add(std::uint64_t{1} << 32);
  CHECK(figures.octets() == std::uint64_t{1} << 32);
  CHECK(figures.largest() == 0);
  CHECK(figures.average() == 0);
}
