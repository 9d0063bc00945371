// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_contexts.hpp"

#include <utility>

namespace sallyport::proxy {
namespace {

net::tls::Version version_of(model::TlsVersion version) {
  return version == model::TlsVersion::tls12 ? net::tls::Version::tls12 : net::tls::Version::tls13;
}

net::tls::ServerPolicy settings_of(const model::TlsPolicy& policy) {
  using Mode = model::ClientValidation::Mode;
  net::tls::ServerPolicy settings;
  settings.least = version_of(policy.least);
  settings.most = version_of(policy.most);
  settings.protocols = {"h2", "http/1.1"};
  if (policy.client.mode == Mode::off) return settings;
  const bool optional = policy.client.mode == Mode::optional;
  settings.clients = optional ? net::tls::ClientValidation::optional : net::tls::ClientValidation::require;
  settings.client_ca = policy.client.bundle;
  settings.client_revoked = policy.client.revoked;
  return settings;
}

}  // namespace

net::tls::Library& TlsContexts::library() {
  if (!library_) {
    library_.emplace(*ticket_keys_);
    library_->set_most_connects(most_connects_);
    ticket_keys_.reset();
  }
  return *library_;
}

std::shared_ptr<net::tls::ServerContext> TlsContexts::context_for(const routing::TlsChoice& choice) {
  const model::TlsPolicy policy = choice.name != nullptr ? choice.name->model.policy : model::TlsPolicy();
  if (policy.client.mode == model::ClientValidation::Mode::refuse) return nullptr;
  std::shared_ptr<net::tls::ServerContext>& context = contexts_[choice.policy()];
  if (context == nullptr) {
    auto made = net::tls::ServerContext::make(library(), settings_of(policy));
    if (made) context = std::move(*made);
  }
  return context;
}

std::shared_ptr<const net::tls::Credentials> TlsContexts::credentials_for(const routing::Certificate& certificate) {
  Shown& shown = shown_[certificate.model.id];
  if (shown.part == certificate.part) return shown.credentials;
  auto made = net::tls::Credentials::make(library(), certificate.model.chain, certificate.model.key->reveal());
  shown = {.part = certificate.part, .slot = certificate.slot(), .credentials = made ? std::move(*made) : nullptr};
  return shown.credentials;
}

net::Time TlsContexts::move_ticket_keys_on(net::Time now) {
  net::tls::TicketKeys& keys = library_ ? library_->ticket_keys() : *ticket_keys_;
  keys.span_at(now);
  for (const auto& [id, context] : contexts_) {
    if (context != nullptr) context->drop_ticket_keys();
  }
  return keys.end_of_span();
}

void TlsContexts::drop_unused(const routing::Snapshot& snapshot) {
  std::erase_if(contexts_, [](const auto& one) { return one.second == nullptr || one.second.use_count() == 1; });
  std::erase_if(shown_, [&](const auto& one) {
    const routing::Certificate* const now = snapshot.certificate(one.second.slot);
    return now == nullptr || now->part != one.second.part;
  });
}

}  // namespace sallyport::proxy
