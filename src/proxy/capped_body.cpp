// SPDX-License-Identifier: Apache-2.0
#include "proxy/capped_body.hpp"

#include <utility>

namespace sallyport::proxy {
namespace {

class CappedBody final : public http::Body {
 public:
  CappedBody(ArenaPtr<http::Body> body, std::size_t most) : body_(std::move(body)), left_(most) {}

  net::Task<Result<std::string_view>> read() override {
    Result<std::string_view> piece = co_await body_->read();
    if (piece && piece->size() > left_) co_return fail(Code::upstream_malformed, "", "longer than allowed");
    if (piece) left_ -= piece->size();
    co_return piece;
  }
  bool ready() const override { return body_->ready(); }
  const http::Fields* trailers() const override { return body_->trailers(); }

 private:
  ArenaPtr<http::Body> body_;
  std::size_t left_;
};

}  // namespace

ArenaPtr<http::Body> cap(ArenaPtr<http::Body> body, Arena& arena, std::size_t most) {
  return ArenaPtr<http::Body>(arena.make<CappedBody>(std::move(body), most));
}

}  // namespace sallyport::proxy
