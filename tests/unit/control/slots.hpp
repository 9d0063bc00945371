// SPDX-License-Identifier: Apache-2.0
// A dialect for tests of groups of several levels. Of a ConfigMap it reads: "slot": NAME, a claim to a slot of level
// listeners; "watch": NAME, a rule whose host says what became of that slot; "echo": NAME, against the contract, a
// claim to a slot as long as the slot NAME, of the same level, has none.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "dialects/all.hpp"
#include "dialects/findings.hpp"

namespace sallyport::control {

class Slots final : public dialects::Dialect {
 public:
  std::string_view name() const override { return "slots"; }
  std::span<const dialects::RootKind> roots() const override {
    static constexpr std::array<dialects::RootKind, 1> kinds = {{{"", "ConfigMap"}}};
    return kinds;
  }
  std::span<const dialects::Index* const> indexes() const override { return {}; }
  std::vector<dialects::Finding> faults(const kube::Object&) const override { return {}; }
  std::optional<dialects::Finding> foreign(const kube::Object&, const dialects::Lookup&) const override { return {}; }

  dialects::Translation translate(const kube::Object& root, const dialects::Lookup& lookup) const override {
    dialects::Translation translation;
    const auto& data = kube::as<kube::ConfigMap>(root)->data;
    if (const auto slot = data.find("slot"); slot != data.end()) {
      translation.claims.push_back(claim(root, key(slot->second), "slot-" + slot->second));
    }
    if (const auto watched = data.find("watch"); watched != data.end()) {
      const dialects::GroupVerdict verdict = lookup.verdict(key(watched->second));
      const std::string winner = verdict.winner ? verdict.winner->name : "nobody";
      translation.claims.push_back(claim(root, {.level = dialects::Level::rules, .place = {root.ref.name}},
                                         text::cat(winner, ".of.", verdict.claims)));
    }
    if (const auto echoed = data.find("echo");
        echoed != data.end() && lookup.verdict(key(echoed->second)).claims == 0) {
      translation.claims.push_back(claim(root, key(echoed->second), "echo"));
    }
    return translation;
  }

  static dialects::GroupKey key(const std::string& slot) {
    return {.level = dialects::Level::listeners, .place = {"slot", slot}};
  }

 private:
  static dialects::Claim claim(const kube::Object& root, dialects::GroupKey group, const std::string& host) {
    auto rule = std::make_shared<model::Rule>();
    rule->id = text::cat(to_text(root.ref), " ", group.place.back(), " ", host);
    rule->host = {.kind = model::HostPattern::Kind::exact, .name = host};
    rule->rank.name = root.ref.name;
    rule->origin = dialects::origin_of(root);
    return {.group = std::move(group), .value = std::move(rule)};
  }
};

inline dialects::Dialects with_slots(const dialects::DialectSettings& settings) {
  dialects::Dialects all = dialects::all(settings);
  all.push_back(std::make_unique<Slots>());
  return all;
}

inline std::string config_map(std::string_view name, std::string_view data) {
  return text::cat("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ", name, ", namespace: shop}\ndata: {", data,
                   "}\n");
}

inline ObjectRef config_map_ref(std::string name) {
  return {.group = "", .kind = "ConfigMap", .namespace_ = "shop", .name = std::move(name)};
}

}  // namespace sallyport::control
