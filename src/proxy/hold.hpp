// SPDX-License-Identifier: Apache-2.0
// One worker's hold on what it serves from; every request in flight copies it. The count is this worker's own, hence a
// plain integer: no line of memory is shared with another core.

#pragma once

#include <memory>
#include <utility>

#include "base/own_lines.hpp"

namespace sallyport::proxy {

template <class T>
class Hold {
 public:
  explicit Hold(T held) : box_(new Box{std::move(held), 1}) {}
  Hold(const Hold& other) : box_(other.box_) { ++box_->holders; }
  Hold& operator=(Hold other) {
    std::swap(box_, other.box_);
    return *this;
  }
  ~Hold() {
    if (--box_->holders == 0) delete box_;
  }

  const T& operator*() const { return box_->held; }
  const T* operator->() const { return &box_->held; }

 private:
  struct alignas(line_size) Box {
    T held;
    long holders;
  };

  Box* box_;
};

}  // namespace sallyport::proxy
