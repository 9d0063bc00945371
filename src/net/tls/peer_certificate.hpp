// SPDX-License-Identifier: Apache-2.0
// What a verified certificate of a client says of it.

#pragma once

#include <memory>

#include "net/tls/facts.hpp"
#include "net/tls/openssl.hpp"

namespace sallyport::net::tls {

// Null for null.
std::unique_ptr<const ClientCertificate> describe(const x509_st* certificate);

}  // namespace sallyport::net::tls
