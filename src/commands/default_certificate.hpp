// SPDX-License-Identifier: Apache-2.0
// Whether the Secret that --default-certificate names is there and can be used. No object's status says so: an option
// names it.

#pragma once

#include <optional>
#include <string>

#include "base/object_ref.hpp"
#include "commands/named_object.hpp"
#include "model/delta.hpp"

namespace sallyport::commands {

class DefaultCertificate {
 public:
  // None: no option names one, and nothing is ever missing.
  explicit DefaultCertificate(std::optional<ObjectRef> wanted);

  // Each delta, in order.
  void note(const model::Delta& delta);

  // "--default-certificate: there is no Secret shop/fallback that can be used"; empty: there is.
  std::string problem() const { return named_.problem(is_there_); }

  // What has changed since this was asked before; at first only a problem is news.
  std::optional<NamedObject::News> news() { return named_.news(is_there_); }

 private:
  NamedObject named_;
  model::Id id_;
  bool is_there_ = false;
};

}  // namespace sallyport::commands
