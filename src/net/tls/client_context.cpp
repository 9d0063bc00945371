// SPDX-License-Identifier: Apache-2.0
#include "net/tls/client_context.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/text.hpp"
#include "syntax/address.hpp"
#include "syntax/host.hpp"

namespace sallyport::net::tls {
namespace {

// Only names in the SAN count, compared whole; "*" is one label, the first. An address is compared as bytes.
bool is_for(X509* certificate, const std::string& name) {
  constexpr unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  if (syntax::IpAddress::parse(name)) return X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
  if (!name.contains(':')) return X509_check_host(certificate, name.data(), name.size(), flags, nullptr) == 1;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  bool found = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(names, i);
    if (one->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = one->d.uniformResourceIdentifier;
    found = found || name == std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                              static_cast<std::size_t>(ASN1_STRING_length(uri)));
  }
  GENERAL_NAMES_free(names);
  return found;
}

Result<void> trust(Library& library, SSL_CTX* context, const std::string& ca) {
  // An authority that is named needs none above it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify_depth(context, 8);
  if (ca.empty()) {
    SSL_CTX_set1_cert_store(context, library.system_roots());
    return {};
  }
  auto authorities = read_certificates(library, ca);
  if (!authorities) return Failure(authorities.error());
  for (int i = 0; i < sk_X509_num(authorities->get()); ++i) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), sk_X509_value(authorities->get(), i)) != 1) {
      return fail(invalid(text::cat("a certificate of the bundle cannot be used: ", take_openssl_error())));
    }
  }
  return {};
}

}  // namespace

struct ClientCalls {
  // Once for each certificate of the chain that was found, the upstream's own last.
  static int verified(int good, X509_STORE_CTX* chain) {
    if (good != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return good;
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const auto* context = static_cast<const ClientContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    X509* certificate = X509_STORE_CTX_get_current_cert(chain);
    for (const std::string& name : context->names_) {
      if (is_for(certificate, name)) return 1;
    }
    X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
    return 0;
  }
};

ClientContext::ClientContext(Library& library)
    : library_(library), context_(make_context(library, false, Version::tls12, Version::tls13)) {}

ClientContext::~ClientContext() = default;

Result<std::shared_ptr<const ClientContext>> ClientContext::make(Library& library, const UpstreamSettings& settings) {
  const std::shared_ptr<ClientContext> made(new ClientContext(library));
  if (!made->context_) return fail(Code::internal, "", "OpenSSL makes no context");
  SSL_CTX* context = made->context_.get();
  if (!syntax::IpAddress::parse(settings.server_name)) {
    if (!syntax::is_hostname(settings.server_name)) {
      return fail(invalid(text::cat("\"", settings.server_name, "\" is no name of a server")));
    }
    made->server_name_ = settings.server_name;
  }
  if (settings.verify) {
    const Result<void> trusted = trust(library, context, settings.ca);
    if (!trusted) return Failure(trusted.error());
    made->names_ = settings.sans;
    if (made->names_.empty()) made->names_.push_back(settings.server_name);
    for (const std::string& name : made->names_) {
      if (name.empty() || name.contains('\0')) return fail(invalid("a name that the certificate may have is empty"));
    }
    SSL_CTX_set_app_data(context, made.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, ClientCalls::verified);
  } else {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  }
  if (settings.credentials && !settings.credentials->put_into(context)) {
    return fail(invalid("the client certificate cannot be used"));
  }
  const std::string protocols = written_protocols(settings.protocols);
  if (!protocols.empty()) {
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
  }
  return std::shared_ptr<const ClientContext>(made);
}

}  // namespace sallyport::net::tls
