// Judges OpenMetrics text as a strict reader would: each line by the grammar, each sample once, families in
// one piece, the end at the end.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/expect.h"

namespace inetctl::fuzz {

inline std::size_t length_of_name(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[length])) || text[length] == '_'))
    ++length;
  expect(length > 0 && (text[0] < '0' || text[0] > '9'), "a name");
  return length;
}

// The value of a label between its quotes; `text` is left behind them.
inline std::string label_value(std::string_view& text) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    expect(++i < text.size() && (text[i] == '\\' || text[i] == '"' || text[i] == 'n'),
           "an escape of a label");
    value += text[i] == 'n' ? '\n' : text[i];
  }
  expect(false, "a label's value ends");
  return value;
}

struct Sample {
  std::string name, labels, value;
  std::vector<std::string> values;  // of the labels
};

inline Sample sample_of(std::string_view line) {
  Sample sample;
  sample.name = line.substr(0, length_of_name(line));
  line.remove_prefix(sample.name.size());
  if (!line.empty() && line[0] == '{') {
    const std::string_view all = line;
    std::set<std::string_view> names;
    do {
      line.remove_prefix(1);  // the bracket or a comma
      const std::size_t length = length_of_name(line);
      expect(names.insert(line.substr(0, length)).second, "each label once");
      line.remove_prefix(length);
      expect(line.substr(0, 2) == "=\"", "a label has a value");
      line.remove_prefix(1);
      sample.values.push_back(label_value(line));
    } while (!line.empty() && line[0] == ',');
    expect(!line.empty() && line[0] == '}', "labels end");
    line.remove_prefix(1);
    sample.labels = all.substr(0, all.size() - line.size());
  }
  expect(line.size() > 1 && line[0] == ' ', "a sample has a value");
  sample.value = line.substr(1);
  expect(sample.value.find_first_not_of("0123456789.") == std::string::npos, "which is a number");
  return sample;
}

inline std::vector<Sample> expect_openmetrics(std::string_view text) {
  constexpr std::string_view kEnd = "# EOF\n";
  expect(text.ends_with(kEnd), "the end is said");
  text.remove_suffix(kEnd.size());
  std::vector<Sample> samples;
  std::set<std::string> seen, families;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    if (line.starts_with("# ")) {
      const std::string_view about = line.substr(2);
      expect(about.starts_with("TYPE ") || about.starts_with("UNIT ") || about.starts_with("HELP "),
             "three words stand behind a hash");
      length_of_name(about.substr(5));
      continue;
    }
    samples.push_back(sample_of(line));
    const Sample& sample = samples.back();
    expect(seen.insert(sample.name + sample.labels).second, "each sample once");
    if (samples.size() == 1 || samples[samples.size() - 2].name != sample.name)
      expect(families.insert(sample.name).second, "a family stands together");
  }
  return samples;
}

}  // namespace inetctl::fuzz
