// SPDX-License-Identifier: Apache-2.0
#include "commands/status_text.hpp"

#include "commands/model_json.hpp"

namespace sallyport::commands {
namespace {

constexpr std::size_t enough = 64 * 1024;  // bytes of a piece
constexpr std::size_t most_objects = 512;  // looked at for a piece, listed or not

}  // namespace

bool StatusFilter::fits(const ObjectRef& ref) const {
  const auto is = [](const std::optional<std::string>& wanted, const std::string& text) {
    return !wanted || wanted->empty() || *wanted == text;
  };
  return is(namespace_, ref.namespace_) && is(kind, ref.kind) && is(name, ref.name);
}

bool StatusText::append_to(std::string& out) {
  text_.clear();
  if (!begun_) write_head();
  begun_ = true;
  const bool last = write_objects();
  if (last) write_rest();
  out += text_;
  return !last;
}

void StatusText::write_head() {
  json_.begin_object();
  if (report_.version) json_.member("version", *report_.version);
  json_.key("objects").begin_array();
}

bool StatusText::write_objects() {
  for (std::size_t looked = 0; next_ < report_.objects.size(); ++next_, ++looked) {
    if (looked == most_objects || text_.size() >= enough) return false;
    const control::ObjectStatus& object = *report_.objects[next_];
    totals_.add(object);
    if (filter_.fits(object.origin.object)) write_object(json_, object);
  }
  json_.end_array();
  return true;
}

void StatusText::write_rest() {
  json_.key("problems").begin_array();
  for (const sources::Problem& problem : report_.problems) {
    totals_.add(problem);
    write_problem(json_, problem);
  }
  json_.end_array();
  if (report_.version) {
    json_.key("listeners").begin_array();
    for (const model::Bound& bound : report_.unbound) write_bound(json_, bound);
    json_.end_array();
  }
  json_.key("outside_index").begin_array();
  for (const model::Origin& origin : report_.outside_index) write_origin(json_, origin);
  json_.end_array();
  if (!report_.expiring.empty()) {
    json_.key("certificates").begin_array();
    for (const Expiring& one : report_.expiring) write_expiring(json_, one);
    json_.end_array();
  }
  totals_.outside_index = report_.outside_index.size();
  json_.key("totals");
  write_totals(json_, totals_);
  json_.end_object();
  text_ += '\n';
}

std::string whole_text(http::TextSource& source) {
  std::string all;
  while (source.append_to(all)) {
  }
  return all;
}

}  // namespace sallyport::commands
