#include "core/layout.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace inetctl;

namespace {

std::size_t total(const Layout& layout) {
  std::size_t all = 0, shown = 0;
  for (const auto& column : layout.columns) {
    if (!column.shown) continue;
    all += column.width;
    ++shown;
  }
  return all + (shown > 0 ? (shown - 1) * layout.gap : 0);
}

std::vector<ColumnWidth> random_columns(std::mt19937& chance) {
  std::vector<ColumnWidth> columns(1 + chance() % 12);
  for (ColumnWidth& column : columns) {
    column.exact = column.human = 1 + chance() % 50;
    switch (chance() % 6) {
      case 0:
        column.human = 1 + chance() % column.exact;
        break;
      case 1:
        column.gives_way = static_cast<std::uint8_t>(1 + chance() % 4);
        break;
      case 2:
        column.address = true;
        break;
      case 3:
        column.text = true;
        break;
      case 4:
        column.name = true;
        break;
      default:
        break;
    }
  }
  return columns;
}

// inet:i()'s columns: port, module, recv, sent, owner, local, foreign, state, type.
std::vector<ColumnWidth> nine_columns() {
  return {{.exact = 8, .human = 8, .gives_way = 3},
          {.exact = 9, .human = 9, .gives_way = 2},
          {.exact = 12, .human = 5},
          {.exact = 12, .human = 5},
          {.exact = 10, .human = 10, .text = true},
          {.exact = 21, .human = 21, .address = true},
          {.exact = 21, .human = 21, .address = true},
          {.exact = 11, .human = 11, .text = true},
          {.exact = 6, .human = 6, .gives_way = 1, .text = true}};
}

}  // namespace

TEST_CASE("layout: at any width the table fits, or nothing more could give way") {
  std::mt19937 chance(1);
  for (int i = 0; i < 500; ++i) {
    const auto columns = random_columns(chance);
    for (std::size_t width = 1; width <= 300; ++width) {
      const Layout layout = fit(columns, width);
      REQUIRE(layout.columns.size() == columns.size());
      bool gave_all = true, hidden = false;
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const auto& column = layout.columns[c];
        hidden |= !column.shown;
        REQUIRE((column.shown || columns[c].gives_way > 0));
        REQUIRE(column.width <= columns[c].exact);
        if (!column.shown) continue;
        // What is narrower than its content is told apart: humanised, or of a kind that may be cut.
        if (column.width < (column.human ? columns[c].human : columns[c].exact))
          REQUIRE((columns[c].address || columns[c].text || columns[c].name));
        gave_all &= columns[c].gives_way == 0;
        if (columns[c].human < columns[c].exact) gave_all &= column.human;
        if (columns[c].address) gave_all &= column.width <= 12;
        if (columns[c].text || columns[c].name) gave_all &= column.width <= 4;
      }
      REQUIRE(layout.dropped == hidden);
      REQUIRE((total(layout) <= width || gave_all));
    }
  }
}

TEST_CASE("layout: more room never shows less") {
  std::mt19937 chance(2);
  for (int i = 0; i < 300; ++i) {
    const auto columns = random_columns(chance);
    std::ptrdiff_t before = 0;
    for (std::size_t width = 1; width <= 300; ++width) {
      const Layout layout = fit(columns, width);
      const auto shown =
          std::count_if(layout.columns.begin(), layout.columns.end(), [](const auto& c) { return c.shown; });
      REQUIRE(shown >= before);
      before = shown;
    }
  }
}

TEST_CASE("layout: gives way in the documented order") {
  const auto columns = nine_columns();
  const std::size_t exact = 8 + 9 + 12 + 12 + 10 + 21 + 21 + 11 + 6;
  struct Case {
    std::size_t width, gap;
    bool human, type, module, port;
    std::size_t address;
  };
  const std::size_t human = exact - 14;
  const Case cases[] = {
      {exact + 16, 2, false, true, true, true, 21},  // all fits
      {exact + 15, 1, false, true, true, true, 21},  // a narrower gap
      {exact + 8, 1, false, true, true, true, 21},
      {exact + 7, 1, true, true, true, true, 21},  // humanised byte counts
      {human + 8, 1, true, true, true, true, 21},
      {human + 7, 1, true, false, true, true, 21},  // then Type
      {human - 6 + 7, 1, true, false, true, true, 21},
      {human - 6 + 6, 1, true, false, false, true, 21},  // Module
      {human - 15 + 6, 1, true, false, false, true, 21},
      {human - 15 + 5, 1, true, false, false, false, 21},  // Port
      {human - 23 + 5, 1, true, false, false, false, 21},
      {human - 23 + 5 - 4, 1, true, false, false, false, 19},  // then addresses, alike
      {1, 1, true, false, false, false, 12},
  };
  for (const Case& c : cases) {
    CAPTURE(c.width);
    const Layout layout = fit(columns, c.width);
    CHECK(layout.gap == c.gap);
    CHECK(layout.columns[2].human == c.human);
    CHECK(layout.columns[8].shown == c.type);
    CHECK(layout.columns[1].shown == c.module);
    CHECK(layout.columns[0].shown == c.port);
    CHECK(layout.columns[5].width == c.address);
    CHECK(layout.columns[6].width == c.address);
  }
}

TEST_CASE("layout: a name is shortened after all other text") {
  const std::vector<ColumnWidth> columns = {{.exact = 12, .human = 12, .name = true},
                                            {.exact = 20, .human = 20, .text = true}};
  const auto widths = [&](std::size_t width) {
    const Layout layout = fit(columns, width);
    return std::vector<std::size_t>{layout.columns[0].width, layout.columns[1].width};
  };
  CHECK(widths(33) == std::vector<std::size_t>{12, 20});
  CHECK(widths(20) == std::vector<std::size_t>{12, 7});
  CHECK(widths(17) == std::vector<std::size_t>{12, 4});
  CHECK(widths(14) == std::vector<std::size_t>{9, 4});
  CHECK(widths(1) == std::vector<std::size_t>{4, 4});
}

TEST_CASE("layout: unbounded keeps everything exact") {
  const auto columns = nine_columns();
  const Layout layout = unbounded(columns);
  CHECK_FALSE(layout.dropped);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    CHECK(layout.columns[i].shown);
    CHECK_FALSE(layout.columns[i].human);
    CHECK(layout.columns[i].width == columns[i].exact);
  }
}

TEST_CASE("layout: no columns are no trouble") {
  CHECK(fit({}, 80).columns.empty());
  CHECK(unbounded({}).columns.empty());
}
