// SPDX-License-Identifier: Apache-2.0
#include "dialects/all.hpp"

#include "dialects/certificates/secrets.hpp"
#include "dialects/gate_route/gate_routes.hpp"
#include "dialects/services/services.hpp"

namespace sallyport::dialects {

Dialects all(const DialectSettings& settings) {
  Dialects dialects;
  dialects.push_back(std::make_unique<services::Services>(settings.endpoints));
  dialects.push_back(std::make_unique<certificates::Secrets>(settings.default_certificate));
  dialects.push_back(std::make_unique<ingress::Ingresses>(settings.ingress));
  dialects.push_back(std::make_unique<gate_route::GateRoutes>(settings.ingress.paths, settings.endpoints));
  return dialects;
}

}  // namespace sallyport::dialects
