// SPDX-License-Identifier: Apache-2.0
#include "filters/make.hpp"

#include "filters/forwarded_headers.hpp"
#include "filters/grpc_web.hpp"
#include "filters/https_redirect.hpp"
#include "filters/modify_headers.hpp"
#include "filters/request_id.hpp"
#include "filters/tls_guard.hpp"
#include "filters/url_rewrite.hpp"

namespace sallyport::filters {
namespace {

// One line a filter: every alternative of model::Filter needs its own.
struct Maker {
  std::shared_ptr<const Filter> operator()(const model::ForwardedHeaders& settings) const {
    return std::make_shared<ForwardedHeaders>(settings);
  }
  std::shared_ptr<const Filter> operator()(const model::RequestId& settings) const {
    return std::make_shared<RequestId>(settings);
  }
  std::shared_ptr<const Filter> operator()(const model::ModifyHeaders& settings) const {
    return std::make_shared<ModifyHeaders>(settings);
  }
  std::shared_ptr<const Filter> operator()(const model::UrlRewrite& settings) const {
    return std::make_shared<UrlRewrite>(settings);
  }
  std::shared_ptr<const Filter> operator()(const model::HttpsRedirect& settings) const {
    return std::make_shared<HttpsRedirect>(settings);
  }
  std::shared_ptr<const Filter> operator()(const model::TlsGuard& settings) const {
    return std::make_shared<TlsGuard>(settings);
  }
  std::shared_ptr<const Filter> operator()(const model::GrpcWeb& settings) const {
    return std::make_shared<GrpcWeb>(settings);
  }
};

}  // namespace

std::shared_ptr<const Filter> make(const model::Filter& settings) { return std::visit(Maker(), settings); }

Chain make(const std::vector<model::Filter>& settings) {
  Chain chain;
  for (const model::Filter& one : settings) chain.push_back(make(one));
  return chain;
}

}  // namespace sallyport::filters
