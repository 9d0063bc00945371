// SPDX-License-Identifier: Apache-2.0
#include "control/reads.hpp"

#include <algorithm>

namespace sallyport::control {

struct Reads::Read {
  struct OfObject {
    const ObjectRef* ref;  // the key of its table, as in the others
    const dialects::Projection* through;
    Value value;
  };
  struct OfMembers {
    const IndexKey* key;
    const dialects::Projection* through;
    std::map<ObjectRef, Value> values;
  };
  struct OfVerdict {
    const std::string* group;
    dialects::GroupVerdict value;
  };
  struct Link {
    Reader* reader;
    std::uint32_t use;  // its place among the reader's uses
  };

  explicit Read(std::variant<OfObject, OfMembers, OfVerdict> what) : of(std::move(what)) {}

  std::variant<OfObject, OfMembers, OfVerdict> of;
  std::vector<Link> readers;
  std::uint64_t round = 0;  // in which it was asked last; 0 once end() has seen it
};

namespace {

bool is_same(const dialects::Projection& through, const Reads::Value& one, const Reads::Value& other) {
  if (one == nullptr || other == nullptr) return one == other;
  return through.same(one.get(), other.get());
}

// The node of that projection; null if there is none.
template <class Of, class Nodes>
auto* find(const Nodes& nodes, const dialects::Projection& through) {
  const auto found =
      std::ranges::find_if(nodes, [&](const auto& read) { return std::get<Of>(read->of).through == &through; });
  return found == nodes.end() ? nullptr : found->get();
}

}  // namespace

Reads::Reads(const ObjectStore& store) : store_(store) {}
Reads::~Reads() = default;

Reads::Read& Reads::asked(Read& read) {
  if (read.round != round_) asked_.push_back(&read);
  read.round = round_;
  return read;
}

Reads::Value Reads::value_of(const ObjectRef& ref, const dialects::Projection& through) const {
  const kube::ObjectPtr object = through.of_newest ? store_.newest(ref) : store_.good(ref);
  return object ? through.of(*object) : nullptr;
}

Reads::Value Reads::object(const ObjectRef& ref, const dialects::Projection& through) {
  const auto [at, fresh] = objects_.try_emplace(ref);
  if (fresh) note_wanted(ref, true);
  Read* read = find<Read::OfObject>(at->second, through);
  if (read == nullptr) {
    Read::OfObject of{&at->first, &through, value_of(ref, through)};
    read = at->second.emplace_back(std::make_unique<Read>(std::move(of))).get();
    ++size_;
  }
  return std::get<Read::OfObject>(asked(*read).of).value;
}

std::vector<std::pair<ObjectRef, Reads::Value>> Reads::members(const dialects::Index& index, const ObjectRef& key,
                                                               const dialects::Projection& through) {
  const auto [at, fresh] = members_.try_emplace({&index, key});
  Read* read = find<Read::OfMembers>(at->second, through);
  if (read == nullptr) {
    Read::OfMembers of{&at->first, &through, {}};
    for (const ObjectRef& ref : store_.filed(index, key)) of.values.emplace(ref, through.of(*store_.good(ref)));
    read = at->second.emplace_back(std::make_unique<Read>(std::move(of))).get();
    ++size_;
  }
  const auto& values = std::get<Read::OfMembers>(asked(*read).of).values;
  return {values.begin(), values.end()};
}

dialects::GroupVerdict Reads::verdict(const std::string& group, dialects::GroupVerdict now) {
  const auto [at, fresh] = verdicts_.try_emplace(group);
  if (fresh) {
    at->second.push_back(std::make_unique<Read>(Read::OfVerdict{&at->first, std::move(now)}));
    ++size_;
  }
  return std::get<Read::OfVerdict>(asked(*at->second.front()).of).value;
}

void Reads::end(Reader& reader) {
  std::vector<Use>& uses = reader.uses;
  for (std::size_t at = 0; at < uses.size();) {
    if (uses[at].read->round == round_) {
      uses[at++].read->round = 0;
      continue;
    }
    unlink(uses[at]);
    uses[at] = uses.back();
    uses.pop_back();
    if (at < uses.size()) uses[at].read->readers[uses[at].at].use = static_cast<std::uint32_t>(at);
  }
  for (Read* read : asked_) {
    if (std::exchange(read->round, 0) == 0) continue;  // it was among the former ones
    uses.push_back({read, static_cast<std::uint32_t>(read->readers.size())});
    read->readers.push_back({&reader, static_cast<std::uint32_t>(uses.size() - 1)});
  }
  asked_.clear();
}

void Reads::forget(Reader& reader) {
  if (reader.is_dirty) std::erase(dirty_, &reader);
  begin();
  end(reader);
}

void Reads::unlink(Use use) {
  auto& readers = use.read->readers;
  readers[use.at] = readers.back();
  readers[use.at].reader->uses[readers[use.at].use].at = use.at;
  readers.pop_back();
  if (readers.empty()) drop(*use.read);
}

void Reads::drop(Read& read) {
  const auto drop_from = [&](auto& table, const auto& key) {
    const auto at = table.find(key);
    std::erase_if(at->second, [&](const auto& node) { return node.get() == &read; });
    if (at->second.empty()) table.erase(at);
  };
  --size_;
  if (const auto* object = std::get_if<Read::OfObject>(&read.of)) {
    if (objects_.at(*object->ref).size() == 1) note_wanted(*object->ref, false);
    return drop_from(objects_, *object->ref);
  }
  if (const auto* members = std::get_if<Read::OfMembers>(&read.of)) return drop_from(members_, *members->key);
  drop_from(verdicts_, *std::get<Read::OfVerdict>(read.of).group);
}

void Reads::object_changed(const ObjectRef& ref, const kube::Object* before, const kube::Object* now) {
  if (const auto found = objects_.find(ref); found != objects_.end()) {
    for (const auto& read : found->second) {
      auto& of = std::get<Read::OfObject>(read->of);
      if (before == now && !of.through->of_newest) continue;
      Value value = value_of(ref, *of.through);
      if (is_same(*of.through, of.value, value)) continue;
      of.value = std::move(value);
      mark_readers(*read);
    }
  }
  if (before == now) return;
  for (const dialects::Index* index : store_.indexes()) {
    const std::vector<ObjectRef> left = before == nullptr ? std::vector<ObjectRef>() : index->keys(*before);
    const std::vector<ObjectRef> joined = now == nullptr ? std::vector<ObjectRef>() : index->keys(*now);
    for (const ObjectRef& key : joined) member_changed({index, key}, ref, now);
    for (const ObjectRef& key : left) {
      if (std::ranges::find(joined, key) == joined.end()) member_changed({index, key}, ref, nullptr);
    }
  }
}

void Reads::member_changed(const IndexKey& key, const ObjectRef& ref, const kube::Object* now) {
  const auto found = members_.find(key);
  if (found == members_.end()) return;
  for (const auto& read : found->second) {
    auto& of = std::get<Read::OfMembers>(read->of);
    if (now == nullptr) {
      if (of.values.erase(ref) != 0) mark_readers(*read);
      continue;
    }
    Value value = of.through->of(*now);
    const auto [at, fresh] = of.values.try_emplace(ref, value);
    if (!fresh && is_same(*of.through, at->second, value)) continue;
    at->second = std::move(value);
    mark_readers(*read);
  }
}

void Reads::verdict_changed(const std::string& group, const dialects::GroupVerdict& now) {
  const auto found = verdicts_.find(group);
  if (found == verdicts_.end()) return;
  Read& read = *found->second.front();
  auto& of = std::get<Read::OfVerdict>(read.of);
  if (of.value == now) return;
  of.value = now;
  mark_readers(read);
}

void Reads::mark_readers(const Read& read) {
  for (const Read::Link& link : read.readers) mark(*link.reader);
}

void Reads::object_known(const ObjectRef& ref) {
  const auto found = objects_.find(ref);
  if (found == objects_.end()) return;
  for (const auto& read : found->second) mark_readers(*read);
}

void Reads::pin(const ObjectRef& ref) {
  if (!objects_.contains(ref)) note_wanted(ref, true);
  pinned_.insert(ref);
}

// What was begun and ceased in between is no news.
void Reads::note_wanted(const ObjectRef& ref, bool is_wanted) {
  if (!sources::is_given_by_name(ref) || pinned_.contains(ref)) return;
  const auto [at, fresh] = wanted_news_.try_emplace(ref, is_wanted);
  if (!fresh && at->second != is_wanted) wanted_news_.erase(at);
}

sources::Wanted Reads::take_wanted() {
  sources::Wanted wanted;
  for (const auto& [ref, is_wanted] : std::exchange(wanted_news_, {})) {
    (is_wanted ? wanted.added : wanted.dropped).push_back(ref);
  }
  return wanted;
}

std::vector<ObjectRef> Reads::missing_by_name() const {
  std::vector<ObjectRef> missing;
  const auto look = [&](const ObjectRef& ref) {
    if (sources::is_given_by_name(ref) && store_.newest(ref) == nullptr) missing.push_back(ref);
  };
  for (const auto& [ref, nodes] : objects_) look(ref);
  for (const ObjectRef& ref : pinned_) {
    if (!objects_.contains(ref)) look(ref);
  }
  return missing;
}

void Reads::mark(Reader& reader) {
  if (!std::exchange(reader.is_dirty, true)) dirty_.push_back(&reader);
}

std::vector<Reads::Reader*> Reads::take_dirty() {
  for (Reader* reader : dirty_) reader->is_dirty = false;
  return std::exchange(dirty_, {});
}

}  // namespace sallyport::control
