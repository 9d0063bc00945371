// SPDX-License-Identifier: Apache-2.0
// The source that is an API server: every kind that is read, listed and watched, in all namespaces, in some, or in
// those that have a label; Secrets and ConfigMaps by name (by_name.hpp). What changed in one turn of the loop is one
// Changes.
//
// It is complete once every kind was listed, or is known not to be served, or not to be for us: the server has said so
// twice, a second apart, for one that has just begun may not know all that it serves and allows. A kind that is not
// served is looked for again, and comes alive when it is installed. What cannot be read stays as it was last known,
// without limit of time, and is a problem.
//
// Endpoints are not among the kinds: the cluster's own controllers make EndpointSlices of them.
// Belongs to the control thread.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "net/loop.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/by_name.hpp"
#include "sources/api_server/discovery.hpp"
#include "sources/api_server/kind_figures.hpp"
#include "sources/api_server/list_watch.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

struct SourceSettings {
  std::vector<std::string> namespaces;  // none: all of them
  std::string namespace_selector;       // by the labels of Namespaces; empty: whatever they are
  Pace pace;
};

class ApiServerSource final : public Source, private net::Deferred, private ByName::Taker {
 public:
  // `loop` and `api` outlive it.
  ApiServerSource(net::Loop& loop, Api& api, SourceSettings settings);
  ~ApiServerSource() override;

  // Fails never: a server that is not there is a problem, and is waited for.
  Result<void> start(OnChanges on_changes) override;
  void reload() override;
  void want(const Wanted& wanted) override { by_name_.want(wanted); }
  bool gives_by_name() const override { return true; }
  bool is_awaited(const ObjectRef& ref) const override { return by_name_.is_awaited(ref); }
  bool has_read(const ObjectRef& ref) const override;

  // One for each kind that is read, in the order of kube::all_kinds(). Made at each call.
  std::vector<KindFigures> figures() const;

 private:
  // One resource, and what it tells.
  struct Watch final : ListWatch::Keeper {
    Watch(ApiServerSource& of, Resource resource);
    void objects_changed(const std::vector<ObjectRef>& changed, const std::vector<ObjectRef>& removed) override;
    void state_changed() override { source.problems_changed(); }

    ApiServerSource& source;
    ListWatch list_watch;
  };

  net::Task<void> begin();
  net::Task<void> look_for_missing(net::Duration wait);
  void watch_kind(const kube::Kind& kind);
  void watch(const kube::Kind& kind, std::string namespace_);
  void take(const Watch& from, const std::vector<ObjectRef>& changed, const std::vector<ObjectRef>& removed);
  void take_namespaces();
  void give_namespace(const std::string& name, bool is_ours);
  bool is_ours(const ObjectRef& ref) const;
  const std::string* version_of(const ObjectRef& ref) const;
  template <class Call>
  void for_each_watch_of(const ObjectRef& ref, const Call& call) const;

  void fetched(kube::ObjectPtr object) override;
  void is_absent(const ObjectRef& ref) override;
  void is_unavailable(const ObjectRef& ref) override;
  void troubles_changed() override { problems_changed(); }

  void problems_changed();
  void at_turn_end() override;
  bool is_complete() const;
  std::vector<Problem> problems() const;

  net::Loop& loop_;
  Api& api_;
  const SourceSettings settings_;
  Chance chance_;
  ByName by_name_;
  OnChanges on_changes_;
  std::vector<std::unique_ptr<Watch>> watches_;
  std::unique_ptr<Watch> namespaces_;                 // with a selector
  std::set<std::string> selected_;                    // by it
  std::map<const kube::Kind*, std::string> missing_;  // kinds that are not served, and what is said of them
  std::map<ObjectRef, kube::ObjectPtr> batch_;        // since the last Changes; null: gone
  std::set<ObjectRef> unavailable_;                   // since then
  std::vector<Problem> given_problems_;
  bool is_missing_decided_ = false;  // they were not served at a second look either
  bool has_begun_ = false;
  bool has_problem_news_ = true;
  bool was_complete_ = false;
  bool must_give_ = false;  // even if nothing changed
  net::Task<void> beginning_;
};

}  // namespace sallyport::sources::api_server
