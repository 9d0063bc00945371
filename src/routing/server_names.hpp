// SPDX-License-Identifier: Apache-2.0
// Which certificate and which policy a TLS client meets that asks for a name. Persistent: a copy shares everything, and
// a change copies only what it touches. Any thread may read; copying, changing and freeing belong to one (ref.hpp).
//
// Names are canonical: lower case, no trailing dot. (reference: reliability-security.md T-2, T-3)

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/certificate.hpp"
#include "routing/hash_trie.hpp"
#include "routing/ref.hpp"
#include "routing/slot.hpp"

namespace sallyport::routing {

// A renewed one is another with the same slot; who keeps something of it compares `part`.
struct Certificate : Counted {
  Certificate(std::shared_ptr<const model::Certificate> from, SlotRef at)
      : model(*from), part(std::move(from)), hold(std::move(at)) {}

  Slot slot() const { return hold->slot(); }

  const model::Certificate& model;  // *part
  std::shared_ptr<const model::Certificate> part;
  SlotRef hold;
};

struct ServerName : Counted {
  ServerName(std::shared_ptr<const model::ServerName> from, std::vector<SlotRef> shown)
      : model(*from), part(std::move(from)), policy(model::policy_id(part->policy)), certificates(std::move(shown)) {}

  // A client without a certificate of its own is not let in.
  bool is_demanding() const {
    using Mode = model::ClientValidation::Mode;
    return model.policy.client.mode == Mode::require || model.policy.client.mode == Mode::refuse;
  }

  const model::ServerName& model;  // *part
  std::shared_ptr<const model::ServerName> part;
  std::string policy;  // its id
  std::vector<SlotRef> certificates;
};

// The names of one scope.
class ServerNames {
 public:
  void add(const Ref<const ServerName>& name);
  void remove(const ServerName& name);

  const ServerName* exact(std::string_view name) const { return first_of(exact_, name); }
  // `parent` is the name without its first label, or without more of them.
  const ServerName* wildcard(std::string_view parent, bool is_direct) const;

  // How many of them want client certificates.
  std::uint32_t demanding() const { return demanding_; }
  bool empty() const { return exact_.empty() && one_label_.empty() && any_labels_.empty(); }

 private:
  using Rivals = std::vector<Ref<const ServerName>>;  // mostly one; the first in rank order is heard
  using Names = HashTrie<Rivals>;

  static const ServerName* first_of(const Names& names, std::string_view name) {
    const Rivals* const rivals = names.find(name);
    return rivals == nullptr ? nullptr : rivals->front().get();
  }
  Names& names_of(model::HostPattern::Kind kind);

  Names exact_;
  Names one_label_;  // *.example.com by what stands behind the "*."
  Names any_labels_;
  std::uint32_t demanding_ = 0;
};

// Certificates by the names that are written in them.
class CertificateNames {
 public:
  void add(const Ref<const Certificate>& certificate);
  void remove(const Certificate& certificate);

  // For the name itself, and else for the wildcard above it. One that is valid at `now` (seconds since 1970) comes
  // before one that is not, be that not yet or no more; of several the one that lasts longest.
  const Certificate* find(std::string_view name, std::int64_t now) const;

 private:
  using Certificates = std::vector<Ref<const Certificate>>;

  const Certificates* under_wildcard(std::string_view name) const;

  HashTrie<Certificates> names_;  // "*.example.com" under just that
};

// What a client meets that asks for a name, or for none.
struct TlsChoice {
  // Null: nobody said anything about it, so that no certificate is asked for.
  const ServerName* name = nullptr;
  // Null: no handshake; the alert is unrecognized_name.
  const Certificate* certificate = nullptr;
  // There is none, for the default one is not for names that nobody spoke of while another name wants client
  // certificates (T-3).
  bool is_default_withheld = false;

  const std::string& policy() const { return name != nullptr ? name->policy : model::default_policy_id(); }
};

}  // namespace sallyport::routing
