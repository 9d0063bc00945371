// SPDX-License-Identifier: Apache-2.0
// Whether the object that an option names is there. No object's status says so. Pure.

#pragma once

#include <optional>
#include <string>

#include "base/object_ref.hpp"

namespace sallyport::commands {

class NamedObject {
 public:
  // `option` begins each sentence. None: no option names one, and nothing is ever missing. `use` ends the sentence that
  // there is none: " that can be used".
  NamedObject(std::string option, std::optional<ObjectRef> wanted, std::string use = {});

  const std::optional<ObjectRef>& wanted() const { return wanted_; }

  // "--publish-service: there is no Service edge/gate"; empty: there is.
  std::string problem(bool is_there) const;

  struct News {
    std::string line;
    bool is_problem = false;
  };
  // What has changed since this was asked before; at first only a problem is news.
  std::optional<News> news(bool is_there);

 private:
  std::string option_;
  std::optional<ObjectRef> wanted_;
  std::string use_;
  bool was_there_ = true;  // as was told
};

}  // namespace sallyport::commands
