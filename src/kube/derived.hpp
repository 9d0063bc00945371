// SPDX-License-Identifier: Apache-2.0
// What is made of an object's contents: once for each version, when it is first asked for, and kept until the object
// goes. Only the control thread asks; others may hold and drop the object meanwhile, and leave this alone.

#pragma once

#include <memory>

namespace sallyport::kube {

template <class T>
class Derived {
 public:
  // `make` has to be a function of what never changes: who comes first decides for all.
  template <class Make>
  const std::shared_ptr<const T>& get(Make&& make) const {
    if (value_ == nullptr) value_ = std::make_shared<const T>(make());
    return value_;
  }

 private:
  mutable std::shared_ptr<const T> value_;
};

}  // namespace sallyport::kube
