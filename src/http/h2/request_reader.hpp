// SPDX-License-Identifier: Apache-2.0
// The head of a request, field by field as the session gives them (RFC 9113 8; reference: reliability-security.md H2-4,
// H2-7, H2-8). What is wrong with the form is malformed, and the stream is reset; what is well-formed means what it
// means in every version (http/request_rules.hpp), and a refusal of that is answered.
//
// Each field is counted before it is kept, those that a compression table made of one byte too. Texts are copied into
// the arena.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/h2/session.hpp"
#include "http/message.hpp"
#include "http/request_rules.hpp"
#include "http/session_settings.hpp"

namespace sallyport::http::h2 {

class RequestReader {
 public:
  RequestReader(const ServerSettings& settings, Arena& arena, RequestHead& head);

  // False: malformed.
  [[nodiscard]] bool read(const Line& field);
  // After the last field. False: malformed.
  [[nodiscard]] bool finish(bool ends_stream);

  // After finish(): the request is well-formed, and not accepted.
  bool is_refused() const { return is_refused_; }
  Error take_error() { return rules_.take_error(); }
  Notes& notes() { return rules_.notes(); }

  // What a field costs beside its texts (RFC 9113 6.5.2 says 32; what we keep of one is larger).
  static constexpr std::size_t around_field = 64;

 private:
  enum Pseudo : std::uint8_t { method = 1, scheme = 2, authority = 4, path = 8, protocol = 16 };

  bool read_pseudo(std::string_view name, std::string_view value);
  bool set(Pseudo which, std::string_view& to, std::string_view value);
  bool end_pseudo();
  bool end_connect();
  bool read_regular(const Line& field);
  bool is_too_large(std::string_view name, std::string_view value);
  // Nothing of the rest is kept.
  bool refused(bool accepted) {
    is_refused_ = is_refused_ || !accepted;
    return true;
  }

  const Limits& limits_;
  Arena& arena_;
  RequestHead& head_;
  RequestRules rules_;
  std::string_view method_;
  std::string_view scheme_;
  std::string_view authority_;
  std::string_view path_;
  std::string_view protocol_;
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t crumbs_ = 0;  // of Cookie
  std::uint8_t seen_ = 0;
  bool pseudo_over_ = false;
  bool is_refused_ = false;
};

}  // namespace sallyport::http::h2
