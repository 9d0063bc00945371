// SPDX-License-Identifier: Apache-2.0
#include "net/tls/server_context.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "net/tls/credentials.hpp"

namespace sallyport::net::tls {
namespace {

using Digest = std::array<unsigned char, 32>;

Digest digest_of(std::string_view text) {
  Digest digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

// Each part with its length before it, so that no two policies are written alike.
std::string written(const ServerPolicy& policy) {
  std::string all = text::cat(static_cast<int>(policy.least), " ", static_cast<int>(policy.most), " ",
                              static_cast<int>(policy.clients), " ");
  const auto add = [&all](std::string_view part) { all += text::cat(part.size(), ":", part); };
  add(written_protocols(policy.protocols));
  add(policy.client_ca);
  add(policy.client_revoked);
  return all;
}

}  // namespace

// What OpenSSL calls of a handshake.
struct ServerCalls {
  static ServerContext& context_of(SSL* ssl) {
    return *static_cast<ServerContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  }

  // RFC 7301 3.2: ours come first. Who names only what we do not speak is refused (T-8).
  static int choose_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                             unsigned size, void* /*unused*/) {
    const std::string& ours = context_of(ssl).protocols_;
    if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                            static_cast<unsigned>(ours.size()), offered, size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
  }

  static bool use(const TicketKeys::Key& key, const EVP_CIPHER* cipher, const unsigned char* iv,
                  EVP_CIPHER_CTX* encryption, EVP_MAC_CTX* mac, bool encrypts) {
    std::array<OSSL_PARAM, 3> parameters = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key.mac.bytes.data()),
                                          key.mac.bytes.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
        OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex2(encryption, cipher, key.cipher.bytes.data(), iv, encrypts ? 1 : 0, nullptr) == 1 &&
           EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
  }

  // As SSL_CTX_set_tlsext_ticket_key_evp_cb has it: 0 is a full handshake, 2 a ticket that is to be replaced.
  static int ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* encryption, EVP_MAC_CTX* mac,
                        int encrypts) {
    ServerContext& context = context_of(ssl);
    const EVP_CIPHER* cipher = context.library_.ticket_cipher();
    const TicketKeys::Keys& keys = context.ticket_keys();
    if (encrypts != 0) {
      if (RAND_bytes_ex(context.library_.context(), iv, 16, 0) != 1) return -1;
      std::ranges::copy(keys[0].name, name);
      return use(keys[0], cipher, iv, encryption, mac, true) ? 1 : -1;
    }
    for (const TicketKeys::Key& key : keys) {
      if (!key.valid || CRYPTO_memcmp(key.name.data(), name, key.name.size()) != 0) continue;
      if (!use(key, cipher, iv, encryption, mac, false)) return -1;
      return &key == keys.data() ? 1 : 2;
    }
    return 0;
  }

  // When the session of a client with a certificate began, by the clock that all workers share. It is in its ticket,
  // and in those that replace it, whose own time OpenSSL sets anew.
  static int note_beginning(SSL* ssl, void* /*unused*/) {
    SSL_SESSION* session = SSL_get_session(ssl);
    if (SSL_SESSION_get0_peer(session) == nullptr || beginning_of(session)) return 1;
    const std::int64_t now = context_of(ssl).library_.ticket_keys().age(Clock::now()).count();
    return SSL_SESSION_set1_ticket_appdata(session, &now, sizeof now);
  }

  static std::optional<std::int64_t> beginning_of(SSL_SESSION* session) {
    void* noted = nullptr;
    std::size_t size = 0;
    std::int64_t beginning = 0;
    SSL_SESSION_get0_ticket_appdata(session, &noted, &size);
    if (noted == nullptr || size != sizeof beginning) return std::nullopt;
    std::memcpy(&beginning, noted, size);
    return beginning;
  }

  // Who was let in is asked for its certificate again, however often it comes back.
  static bool is_over(ServerContext& context, SSL_SESSION* session) {
    constexpr std::chrono::seconds most = std::chrono::hours(24);
    const std::optional<std::int64_t> beginning = beginning_of(session);
    return !beginning || context.library_.ticket_keys().age(Clock::now()).count() - *beginning > most.count();
  }

  // A session is gone on with only where its client would be let in today as well (T-4). Its policy is the same one:
  // that is in its session id context and in the keys of its ticket.
  static SSL_TICKET_RETURN resume(SSL* ssl, SSL_SESSION* session, const unsigned char* /*name*/, std::size_t /*size*/,
                                  SSL_TICKET_STATUS status, void* /*unused*/) {
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
      return status == SSL_TICKET_FATAL_ERR_MALLOC || status == SSL_TICKET_FATAL_ERR_OTHER
                 ? SSL_TICKET_RETURN_ABORT
                 : SSL_TICKET_RETURN_IGNORE_RENEW;
    }
    const ClientValidation clients = context_of(ssl).clients_;
    X509* client = SSL_SESSION_get0_peer(session);
    const bool missing = clients == ClientValidation::require && client == nullptr;
    const bool out_of_date = client != nullptr && (X509_cmp_current_time(X509_get0_notBefore(client)) >= 0 ||
                                                   X509_cmp_current_time(X509_get0_notAfter(client)) <= 0);
    const bool over = client != nullptr && is_over(context_of(ssl), session);
    if (missing || out_of_date || over || (clients == ClientValidation::off && client != nullptr)) {
      return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
    // Clients use a ticket once, in TLS 1.3 (RFC 8446 C.4): who comes with one goes with another.
    const bool is_spent = status == SSL_TICKET_SUCCESS_RENEW || SSL_version(ssl) == TLS1_3_VERSION;
    return is_spent ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
  }

  static Result<void> ask_clients(ServerContext& context, const ServerPolicy& policy) {
    if (policy.clients == ClientValidation::off) return {};
    SSL_CTX* ssl_context = context.context_.get();
    auto authorities = read_certificates(context.library_, policy.client_ca);
    if (!authorities) return Failure(authorities.error());
    X509_STORE* store = SSL_CTX_get_cert_store(ssl_context);
    bool has_root = false;
    for (int i = 0; i < sk_X509_num(authorities->get()); ++i) {
      X509* authority = sk_X509_value(authorities->get(), i);
      if (X509_STORE_add_cert(store, authority) != 1 || SSL_CTX_add_client_CA(ssl_context, authority) != 1) {
        return fail(invalid(text::cat("a certificate of the bundle cannot be used: ", take_openssl_error())));
      }
      has_root = has_root || (X509_get_extension_flags(authority) & EXFLAG_SS) != 0;
    }
    // Who is named is trusted, be it the root or below one. With lists a chain goes on to the root, if there is one:
    // whose list there is for an authority is judged by the certificate above it.
    if (policy.client_revoked.empty() || !has_root) {
      X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ssl_context), X509_V_FLAG_PARTIAL_CHAIN);
    }
    const int must = policy.clients == ClientValidation::require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    const bool has_lists = !policy.client_revoked.empty();
    SSL_CTX_set_verify(ssl_context, SSL_VERIFY_PEER | must, has_lists ? verified : nullptr);
    SSL_CTX_set_verify_depth(ssl_context, 8);
    return has_lists ? read_lists(context, policy) : Result<void>();
  }

  static Result<void> read_lists(ServerContext& context, const ServerPolicy& policy) {
    SSL_CTX* ssl_context = context.context_.get();
    auto lists = read_revocation_lists(context.library_, policy.client_revoked);
    if (!lists) return Failure(lists.error());
    for (int i = 0; i < sk_X509_CRL_num(lists->get()); ++i) {
      if (X509_STORE_add_crl(SSL_CTX_get_cert_store(ssl_context), sk_X509_CRL_value(lists->get(), i)) != 1) {
        return fail(invalid(text::cat("a revocation list cannot be used: ", take_openssl_error())));
      }
    }
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ssl_context), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return {};
  }

  // Clients need a list of who signed them, one that is not out of date. An authority is judged where somebody above it
  // has a list: the highest in a bundle seldom has.
  static int verified(int good, X509_STORE_CTX* chain) {
    const bool lacks_list = X509_STORE_CTX_get_error(chain) == X509_V_ERR_UNABLE_TO_GET_CRL;
    if (good == 1 || !lacks_list || X509_STORE_CTX_get_error_depth(chain) == 0) return good;
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
  }
};

std::string ServerPolicy::id() const { return hex(digest_of(written(*this))); }

ServerContext::ServerContext(Library& library, const ServerPolicy& policy)
    : library_(library),
      id_(policy.id()),
      clients_(policy.clients),
      protocols_(written_protocols(policy.protocols)),
      context_(make_context(library, true, policy.least, policy.most)) {}

ServerContext::~ServerContext() = default;

Result<std::shared_ptr<ServerContext>> ServerContext::make(Library& library, const ServerPolicy& policy) {
  constexpr long lifetime = 12 * 60 * 60;  // of a session: its ticket's key is accepted for longer
  const std::shared_ptr<ServerContext> made(new ServerContext(library, policy));
  if (!made->context_) return fail(Code::internal, "", "OpenSSL makes no context");
  SSL_CTX* context = made->context_.get();
  const Result<void> asked = ServerCalls::ask_clients(*made, policy);
  if (!asked) return Failure(asked.error());
  const Digest session_context = digest_of(written(policy));
  SSL_CTX_set_app_data(context, made.get());
  SSL_CTX_set_session_id_context(context, session_context.data(), session_context.size());
  SSL_CTX_set_timeout(context, lifetime);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ServerCalls::ticket_key);
  SSL_CTX_set_session_ticket_cb(context, ServerCalls::note_beginning, ServerCalls::resume, nullptr);
  SSL_CTX_set_alpn_select_cb(context, ServerCalls::choose_protocol, nullptr);
  return made;
}

const TicketKeys::Keys& ServerContext::ticket_keys() {
  const std::uint64_t now = library_.ticket_keys().span_at(Clock::now());
  if (!has_keys_ || keys_of_ != now) {
    keys_ = library_.ticket_keys().derive(id_);
    keys_of_ = now;
    has_keys_ = true;
  }
  return keys_;
}

void ServerContext::drop_ticket_keys() {
  if (keys_of_ == library_.ticket_keys().current()) return;
  keys_ = {};
  has_keys_ = false;
}

}  // namespace sallyport::net::tls
