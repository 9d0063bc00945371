// SPDX-License-Identifier: Apache-2.0

#include "http/h1/connection_options.hpp"

#include <optional>

#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {
namespace {

using syntax::HeaderId;

// As options these speak of the connection; the fields of the same names are taken out of every message anyway.
bool names_no_field(std::string_view option) {
  const HeaderId id = syntax::header_id(option);
  return syntax::is_hop_by_hop(id) && id != HeaderId::trailer && id != HeaderId::transfer_encoding;
}

// The value of the Connection field before which there are `earlier` others.
std::optional<std::string_view> connection_value(const Fields& fields, std::size_t earlier) {
  for (const Field& field : fields) {
    if (field.id == HeaderId::connection && earlier-- == 0) return field.value;
  }
  return std::nullopt;
}

}  // namespace

ConnectionOptions::Read ConnectionOptions::read(std::string_view value, std::size_t most) {
  bool tokens = true;
  const std::size_t named_before = named_;
  syntax::for_each_list_item(value, [&](std::string_view option) {
    if (syntax::equals_ignore_case(option, "keep-alive")) {
      keep_alive_ = true;
    } else if (syntax::equals_ignore_case(option, "close")) {
      close_ = true;
    } else if (syntax::equals_ignore_case(option, "upgrade")) {
      upgrade_ = true;
    } else if (!syntax::is_token(option)) {
      tokens = false;
    } else if (!names_no_field(option)) {
      ++named_;
    }
  });
  if (!tokens) return Read::malformed;
  if (named_ > most) return Read::too_many;
  return named_ == named_before ? Read::done : Read::names_fields;
}

std::uint32_t ConnectionOptions::remove_named(Fields& fields) {
  std::uint32_t refused = 0;
  for (std::size_t earlier = 0;; ++earlier) {
    const auto value = connection_value(fields, earlier);
    if (!value) break;
    syntax::for_each_list_item(*value, [&](std::string_view option) {
      if (syntax::equals_ignore_case(option, "close") || names_no_field(option)) return;
      if (syntax::is_managed_name(option)) {
        ++refused;
        return;
      }
      fields.remove_if([&](const Field& field) {
        return field.id != HeaderId::connection && syntax::equals_ignore_case(field.name, option);
      });
    });
  }
  fields.remove(HeaderId::connection);
  return refused;
}

}  // namespace sallyport::http::h1
