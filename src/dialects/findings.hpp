// SPDX-License-Identifier: Apache-2.0
// Collects the findings about one root object, with the place of each field filled in; and turns what kube could not
// read into findings.

#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/finding.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects {

// An empty field is the object as a whole.
model::Origin origin_of(const kube::Object& object, std::string_view field = {});

class Findings {
 public:
  // An unknown field harms nothing, except in `strict`: there it may be a misspelt condition.
  explicit Findings(const kube::Object& root, std::optional<std::string_view> strict = {})
      : root_(root), strict_(strict) {}

  void add(Verdict verdict, std::string_view field, std::string_view reason, std::string message);
  // As it is.
  void add(Finding finding) { all_.push_back(std::move(finding)); }
  // What the next messages begin with, "rule canary": until another one, or an empty one.
  void speak_of(std::string subject) { subject_ = std::move(subject); }

  // One for each complaint: InvalidField or UnknownField.
  void add_complaints();
  // Only those that harm one of these fields: at the field, or at what holds it.
  void add_complaints_at(std::initializer_list<std::string_view> fields);
  template <class Choice>
  void add_complaints_if(Choice choice) {
    for (const kube::Complaint& complaint : root_.complaints) {
      if (choice(complaint)) add(complaint);
    }
  }

  std::vector<Finding> take() { return std::move(all_); }

 private:
  void add(const kube::Complaint& complaint);

  const kube::Object& root_;
  std::optional<std::string_view> strict_;
  std::string subject_;
  std::vector<Finding> all_;
};

}  // namespace sallyport::dialects
