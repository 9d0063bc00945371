// SPDX-License-Identifier: Apache-2.0
// The bytes of a message after its head: pulled by whoever wants the next ones, so who does not pull does not receive.

#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "net/pipe.hpp"
#include "net/task.hpp"

namespace sallyport::http {

class Fields;

class Body {
 public:
  virtual ~Body() = default;

  // The next bytes, good until the next read(); empty means the clean end. An error is final.
  virtual net::Task<Result<std::string_view>> read() = 0;

  // No more than so many bytes can be used of what comes next: a source that would have to hold the rest meanwhile need
  // not fetch more. Only a hint; what it has already is given.
  virtual void expect(std::size_t /*most*/) {}

  // read() would give bytes, the end or an error without waiting: a writer holds back what it has only while this is
  // so.
  virtual bool ready() const = 0;

  // The next bytes need not be seen by anybody: the kernel can take them on with move().
  virtual bool movable() const { return false; }
  // In place of a read(): moves bytes into the pipe, one at least. REQUIRES: movable(), and nothing is in the pipe.
  virtual net::Task<Result<void>> move(net::Pipe& /*into*/) { return net::Task<Result<void>>::with(Result<void>()); }

  // After the clean end of a chunked body; else null.
  virtual const Fields* trailers() const { return nullptr; }
};

}  // namespace sallyport::http
