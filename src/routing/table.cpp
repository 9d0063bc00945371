// SPDX-License-Identifier: Apache-2.0
#include "routing/table.hpp"

#include <ranges>

namespace sallyport::routing {

void Candidates::add(const Rules& rules, std::string_view prefix, bool unmerged) {
  const List list{.next = rules.data(), .end = rules.data() + rules.size(), .prefix = prefix, .unmerged = unmerged};
  if (size_ < lists_.size()) {
    lists_[size_++] = list;
  } else {
    more_.push_back(list);
  }
}

// The next rule of the list is one for this form of the path.
bool Candidates::takes_form(const List& list) const {
  return !two_forms_ || (*list.next)->model.path_options.merge_slashes != list.unmerged;
}

Candidate Candidates::next() {
  List* best = nullptr;
  const auto look_at = [&](List& list) {
    while (list.next != list.end && !takes_form(list)) ++list.next;
    if (list.next == list.end) return;
    if (best == nullptr || (*list.next)->model.rank < (*best->next)->model.rank) best = &list;
  };
  for (std::size_t i = 0; i < size_; ++i) look_at(lists_[i]);
  for (List& list : more_) look_at(list);
  if (best == nullptr) return {};
  return {.rule = (best->next++)->get(), .prefix = best->prefix, .unmerged = best->unmerged};
}

Table::Table(const Rules& rules) {
  for (const RulePtr& rule : rules) {
    const model::HostPattern& host = rule->model.host;
    switch (host.kind) {
      case model::HostPattern::Kind::exact:
        exact_[host.name].add(rule);
        break;
      case model::HostPattern::Kind::one_label:
        one_label_[host.name].add(rule);
        break;
      case model::HostPattern::Kind::any_labels:
      case model::HostPattern::Kind::regex:
      case model::HostPattern::Kind::any:
        any_.add(rule);
        has_any_ = true;
        break;
    }
  }
  for (PathTree& tree : exact_ | std::views::values) tree.finish();
  for (PathTree& tree : one_label_ | std::views::values) tree.finish();
  any_.finish();
}

Candidates Table::find(std::string_view host, std::string_view path, std::string_view unmerged) const {
  Candidates candidates;
  candidates.two_forms_ = !unmerged.empty();
  // False: nobody else is asked.
  const auto ask = [&](const PathTree& tree) {
    candidates.host_known_ = true;
    tree.find(path, [&](const Rules& rules, std::string_view prefix) { candidates.add(rules, prefix, false); });
    if (candidates.two_forms_) {
      tree.find(unmerged, [&](const Rules& rules, std::string_view prefix) { candidates.add(rules, prefix, true); });
    }
    return tree.falls_through();
  };
  if (const auto at = exact_.find(host); at != exact_.end() && !ask(at->second)) return candidates;
  if (const auto dot = host.find('.'); !one_label_.empty() && dot != host.npos && dot != 0) {
    const auto at = one_label_.find(host.substr(dot + 1));
    if (at != one_label_.end() && !ask(at->second)) return candidates;
  }
  if (has_any_) ask(any_);
  return candidates;
}

}  // namespace sallyport::routing
