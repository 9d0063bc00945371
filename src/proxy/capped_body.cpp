// SPDX-License-Identifier: Apache-2.0
#include "proxy/capped_body.hpp"

#include <utility>

namespace sallyport::proxy {
namespace {

class CappedBody final : public http::Body {
 public:
  CappedBody(ArenaPtr<http::Body> body, std::size_t most) : body_(std::move(body)), left_(most) {}

  net::Task<Result<std::string_view>> read() override {
    if (too_long_) co_return too_long();
    Result<std::string_view> piece = co_await body_->read();
    too_long_ = piece && piece->size() > left_;
    if (too_long_) co_return too_long();
    if (piece) left_ -= piece->size();
    co_return piece;
  }
  void expect(std::size_t most) override { body_->expect(most); }
  bool ready() const override { return too_long_ || body_->ready(); }
  const http::Fields* trailers() const override { return body_->trailers(); }

 private:
  static Failure too_long() { return fail(Code::upstream_malformed, "", "longer than allowed"); }

  ArenaPtr<http::Body> body_;
  std::size_t left_;
  bool too_long_ = false;
};

}  // namespace

ArenaPtr<http::Body> cap(ArenaPtr<http::Body> body, Arena& arena, std::size_t most) {
  return ArenaPtr<http::Body>(arena.make<CappedBody>(std::move(body), most));
}

}  // namespace sallyport::proxy
