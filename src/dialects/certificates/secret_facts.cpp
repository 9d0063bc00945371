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

struct ReadPair {
  SecretProblem problem;
  ChainFacts facts;  // null when there is a problem
};

// Of each version of a Secret OpenSSL reads it once, whoever asks.
ReadPair read_pair_of(const kube::Object& secret) {
  const SecretBytes* const chain = value_of(secret, chain_key);
  const SecretBytes* const key = value_of(secret, private_key_key);
  if (chain == nullptr) return {.problem = missing(chain_key), .facts = nullptr};
  if (key == nullptr) return {.problem = missing(private_key_key), .facts = nullptr};
  const auto& pair =
      kube::as<kube::Secret>(secret)->pair.get([&] { return syntax::read_pair(chain->reveal(), key->reveal()); });
  if (!pair->chain_problem.empty()) return {.problem = problem(chain_key, pair->chain_problem), .facts = nullptr};
  if (!pair->key_problem.empty()) return {.problem = problem(private_key_key, pair->key_problem), .facts = nullptr};
  return {.problem = {}, .facts = ChainFacts(pair, &pair->chain)};
}

bool says_the_same(const ChainFacts& one, const ChainFacts& other) {
  return one == other || (one != nullptr && other != nullptr && *one == *other);
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

SecretProblem fault_of_pair(const kube::Object& secret) { return read_pair_of(secret).problem; }

bool Pair::operator==(const Pair& other) const { return problem == other.problem && says_the_same(facts, other.facts); }

Pair pair_of(const kube::Object& secret) {
  ReadPair read = read_pair_of(secret);
  Pair pair{.problem = std::move(read.problem), .facts = std::move(read.facts), .key = nullptr};
  if (pair.facts != nullptr) {
    pair.key = std::make_shared<const SecretBytes>(value_of(secret, private_key_key)->reveal());
  }
  return pair;
}

bool Coverage::covers(std::string_view host) const {
  return facts != nullptr &&
         std::ranges::any_of(facts->names, [&](const std::string& name) { return syntax::covers(name, host); });
}

bool Coverage::operator==(const Coverage& other) const {
  if (facts == nullptr || other.facts == nullptr) return facts == other.facts && problem == other.problem;
  return facts->names == other.facts->names;
}

Coverage coverage_of(const kube::Object& secret) {
  ReadPair read = read_pair_of(secret);
  return {.problem = std::move(read.problem), .facts = std::move(read.facts)};
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
