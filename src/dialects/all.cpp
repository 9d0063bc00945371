// SPDX-License-Identifier: Apache-2.0
#include "dialects/all.hpp"

#include "dialects/services/services.hpp"

namespace sallyport::dialects {

Dialects all(const DialectSettings& settings) {
  Dialects dialects;
  dialects.push_back(std::make_unique<services::Services>(settings.endpoints));
  dialects.push_back(std::make_unique<ingress::Ingresses>(settings.ingress));
  return dialects;
}

}  // namespace sallyport::dialects
