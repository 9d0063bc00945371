// SPDX-License-Identifier: Apache-2.0
#include "dialects/certificates/secret_facts.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace sallyport::dialects::certificates {
namespace {

// Null when there is none; an empty one is one that has nothing in it.
const SecretBytes* value_of(const kube::Object& secret, std::string_view key) {
  const auto* const read = kube::as<kube::Secret>(secret);
  if (read == nullptr) return nullptr;
  const auto found = read->data.find(key);
  return found == read->data.end() ? nullptr : &found->second;
}

SecretProblem problem(std::string_view key, std::string why) {
  return {.key = std::string(key), .why = std::move(why)};
}

SecretProblem missing(std::string_view key) { return problem(key, "is not there"); }

// Both halves are there, and the certificate is read.
SecretProblem read_chain_of(const kube::Object& secret, syntax::CertificateFacts& facts) {
  const SecretBytes* const chain = value_of(secret, chain_key);
  if (chain == nullptr) return missing(chain_key);
  if (value_of(secret, private_key_key) == nullptr) return missing(private_key_key);
  Result<syntax::CertificateFacts> read = syntax::read_chain(chain->reveal());
  if (!read) return problem(chain_key, std::move(read.error().detail));
  facts = *std::move(read);
  return {};
}

// Also one that is written, and was lost as it was read.
bool has_key(const kube::Object& secret, std::string_view key) {
  return value_of(secret, key) != nullptr || secret.invalid_within(kube::field("data", key)) != nullptr ||
         secret.invalid_within(kube::field("stringData", key)) != nullptr;
}

SecretProblem read_revoked(const kube::Object& secret, syntax::RevocationFacts& revoked) {
  if (!has_key(secret, revocations_key)) return {};
  const SecretBytes* const value = value_of(secret, revocations_key);
  if (value == nullptr) return problem(revocations_key, "cannot be read");
  Result<syntax::RevocationFacts> read = syntax::read_revocations(value->reveal());
  if (!read) return problem(revocations_key, std::move(read.error().detail));
  revoked = *std::move(read);
  return {};
}

}  // namespace

ObjectRef secret_ref(std::string namespace_, std::string name) {
  return {.group = "", .kind = "Secret", .namespace_ = std::move(namespace_), .name = std::move(name)};
}

std::string field_of(const kube::Object& secret, std::string_view key) {
  const std::string as_text = kube::field("stringData", key);
  return secret.lines.has(as_text) ? as_text : kube::field("data", key);
}

bool is_pair(const kube::Object& secret) {
  const auto* const read = kube::as<kube::Secret>(secret);
  return read != nullptr &&
         (read->type == tls_type || read->data.contains(chain_key) || read->data.contains(private_key_key));
}

SecretProblem fault_of_pair(const kube::Object& secret) {
  syntax::CertificateFacts facts;
  SecretProblem fault = read_chain_of(secret, facts);
  if (!fault.empty()) return fault;
  const Result<void> fits = syntax::check_key(facts.pem, value_of(secret, private_key_key)->reveal());
  return fits ? SecretProblem() : problem(private_key_key, fits.error().detail);
}

Pair pair_of(const kube::Object& secret) {
  Pair pair;
  pair.problem = read_chain_of(secret, pair.facts);
  if (pair.problem.empty()) {
    pair.key = std::make_shared<const SecretBytes>(value_of(secret, private_key_key)->reveal());
  } else {
    pair.facts = {};
  }
  return pair;
}

bool Coverage::covers(std::string_view host) const {
  return std::ranges::any_of(names, [&](const std::string& name) { return syntax::covers(name, host); });
}

Coverage coverage_of(const kube::Object& secret) {
  Pair pair = pair_of(secret);
  return {.problem = std::move(pair.problem), .names = std::move(pair.facts.names)};
}

Bundle bundle_of(const kube::Object& secret) {
  Bundle bundle;
  const SecretBytes* const value = value_of(secret, bundle_key);
  if (value == nullptr) {
    bundle.problem = missing(bundle_key);
    return bundle;
  }
  Result<syntax::BundleFacts> read = syntax::read_bundle(value->reveal());
  if (!read) {
    bundle.problem = problem(bundle_key, std::move(read.error().detail));
    return bundle;
  }
  bundle.problem = read_revoked(secret, bundle.revoked);
  if (bundle.problem.empty()) bundle.facts = *std::move(read);
  return bundle;
}

}  // namespace sallyport::dialects::certificates
