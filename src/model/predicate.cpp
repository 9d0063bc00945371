// SPDX-License-Identifier: Apache-2.0
#include "model/predicate.hpp"

#include <string_view>

#include "base/text.hpp"
#include "model/quoted.hpp"

namespace sallyport::model {
namespace {

struct Writer {
  static std::string joined(const std::vector<Predicate>& all, std::string_view word) {
    std::string out = "(";
    for (const Predicate& one : all) {
      if (out.size() > 1) out += word;
      out += to_text(one);
    }
    return out + ")";
  }
  static std::string compared(std::string_view what, std::string_view name, const TextMatch& value) {
    switch (value.kind) {
      case TextMatch::Kind::exact:
        return text::cat(what, " ", quoted(name), " = ", quoted(value.value));
      case TextMatch::Kind::regex:
        return text::cat(what, " ", quoted(name), " ~ ", quoted(value.value));
      case TextMatch::Kind::present:
        return text::cat(what, " ", quoted(name), " is there");
    }
    return {};
  }

  std::string operator()(const AllOf& all) const { return joined(all.of, " and "); }
  std::string operator()(const AnyOf& any) const { return text::cat("any", joined(any.of, " or ")); }
  std::string operator()(const Not& none) const { return text::cat("not ", joined(none.of, " and ")); }
  std::string operator()(const MethodIs& is) const { return text::cat("method is ", text::join(is.methods, " or ")); }
  std::string operator()(const HeaderIs& is) const { return compared("header", is.name, is.value); }
  std::string operator()(const QueryIs& is) const { return compared("query", is.name, is.value); }
  std::string operator()(const ClientIn& in) const {
    std::string out = "client in ";
    for (const syntax::Cidr& block : in.blocks)
      out += text::cat(&block == in.blocks.data() ? "" : " or ", block.text());
    return out;
  }
};

}  // namespace

bool AllOf::operator==(const AllOf& other) const = default;
bool AnyOf::operator==(const AnyOf& other) const = default;
bool Not::operator==(const Not& other) const = default;

std::string to_text(const Predicate& predicate) { return std::visit(Writer(), predicate.test); }

}  // namespace sallyport::model
