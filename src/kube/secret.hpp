// SPDX-License-Identifier: Apache-2.0
// core/v1 Secret: values decoded from base64 and kept where nothing can print or copy them.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/secret_bytes.hpp"
#include "kube/derived.hpp"
#include "kube/values.hpp"
#include "syntax/certificate.hpp"

namespace sallyport::kube {

// A value of stringData: text, not base64.
struct SecretText {
  SecretBytes value;
};

struct Secret {
  Secret() = default;
  Secret(Secret&&) = default;
  Secret& operator=(Secret&&) = default;

  std::string type;                                            // "Opaque" when empty
  std::map<std::string, SecretBytes, std::less<>> data;        // stringData is merged in and wins, as in the API
  std::map<std::string, SecretText, std::less<>> string_data;  // empty after decoding
  std::optional<bool> immutable;

  Derived<syntax::PairFacts> pair;  // of the certificate and the key, by dialects/certificates; no field of the API
};
BOOST_DESCRIBE_STRUCT(Secret, (), (type, data, string_data, immutable))

}  // namespace sallyport::kube
