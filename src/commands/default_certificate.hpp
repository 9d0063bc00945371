// SPDX-License-Identifier: Apache-2.0
// Whether the Secret that --default-certificate names is there and can be used. No object's status says so: an option
// names it.

#pragma once

#include <optional>
#include <string>

#include "base/object_ref.hpp"
#include "model/delta.hpp"

namespace sallyport::commands {

class DefaultCertificate {
 public:
  // None: no option names one, and nothing is ever missing.
  explicit DefaultCertificate(std::optional<ObjectRef> wanted);

  // Each delta, in order.
  void note(const model::Delta& delta);

  // "--default-certificate: there is no Secret shop/fallback that can be used"; empty: there is.
  std::string problem() const;

  struct News {
    std::string line;
    bool is_problem = false;
  };
  // What has changed since this was asked before; at first only a problem is news.
  std::optional<News> news();

 private:
  std::optional<ObjectRef> wanted_;
  model::Id id_;
  bool is_there_ = false;
  bool was_there_ = true;  // as was told
};

}  // namespace sallyport::commands
