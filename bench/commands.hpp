// SPDX-License-Identifier: Apache-2.0
// What the loads have in common: commands on standard input, a line each, and a line as the answer to each. A target is
// made by one command and named by its number in the others.

#pragma once

#include <cstddef>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bench/clock.hpp"

namespace sallyport::bench {

inline std::string count_and_seconds(std::size_t count, Time begin) {
  std::ostringstream said;
  said << count << ' ' << seconds_since(begin);
  return said.str();
}

// Target has close(). `make(words)` makes one of what stands behind "target"; `measure(target, command, seconds,
// words)` measures for so long. Null and the empty text: that is no command.
template <class Target>
class Commands {
 public:
  template <class Make, class Measure>
  int obey_all(Make make, Measure measure) {
    for (std::string line; std::getline(std::cin, line);) {
      const std::string said = obey(line, make, measure);
      if (said.empty()) {
        std::cerr << "not understood: " << line << '\n';
        return 2;
      }
      std::cout << said << std::endl;
    }
    return 0;
  }

 private:
  template <class Make, class Measure>
  std::string obey(const std::string& line, Make make, Measure measure) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "target") {
      std::unique_ptr<Target> made = make(words);
      if (made == nullptr) return {};
      targets_.push_back(std::move(made));
      return std::to_string(targets_.size() - 1);
    }
    std::size_t number = 0;
    double seconds = 0;
    words >> number;
    if (!words || number >= targets_.size()) return {};
    if (command == "close") {
      targets_[number]->close();
      return "0";
    }
    words >> seconds;
    return words && seconds > 0 ? measure(*targets_[number], command, seconds, words) : std::string();
  }

  std::vector<std::unique_ptr<Target>> targets_;
};

}  // namespace sallyport::bench
