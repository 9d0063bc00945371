// SPDX-License-Identifier: Apache-2.0

#include "http/h1/chunked.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "http/glitches.hpp"
#include "http/h1/field_reader.hpp"
#include "http/trailer_rules.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {
namespace {

using syntax::HeaderId;

constexpr unsigned most_size_digits = 16;
constexpr std::uint64_t longest_chunk = std::numeric_limits<std::int64_t>::max();

int hex_digit(char c) {
  if (syntax::is_digit(c)) return c - '0';
  const char letter = syntax::lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// RFC 9110 5.6.4, without obs-text.
bool may_be_quoted(char c) { return c == '\t' || (c >= 0x20 && c < 0x7f); }

}  // namespace

ChunkedDecoder::ChunkedDecoder(Of of, const Limits& limits, Arena& arena, Notes& notes)
    : of_(of),
      limits_(limits),
      arena_(arena),
      notes_(notes),
      scanner_(HeadScanner::for_trailers(limits)),
      trailers_(arena) {}

Failure ChunkedDecoder::refuse(Code code, const char* rule, const char* what) const {
  return fail(of_ == Of::request ? code : Code::upstream_malformed, rule, what);
}

Result<ChunkedDecoder::Step> ChunkedDecoder::step(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ < State::data) {
    const char c = bytes[at++];
    const bool bare_line_feed = c == '\n' && state_ != State::size_line_feed;
    if (const char* what = read_line_byte(c)) return refuse(Code::bad_request, bare_line_feed ? "H1-6" : "H1-5", what);
  }
  if (state_ == State::data) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
    left_ -= size;
    if (left_ == 0) state_ = State::data_return;
    return Step{.consumed = at + size, .data = bytes.substr(at, size)};
  }
  if (state_ == State::trailers) return read_trailers(bytes, at);
  return Step{.consumed = at, .end = state_ == State::end};
}

// A byte of what stands between two pieces of data. What is wrong, or null.
const char* ChunkedDecoder::read_line_byte(char c) {
  constexpr const char* no_crlf = "chunk data is not followed by CRLF";
  switch (state_) {
    case State::data_return:
      if (c != '\r') return no_crlf;
      state_ = State::data_line_feed;
      return nullptr;
    case State::data_line_feed:
      if (c != '\n') return no_crlf;
      state_ = State::size;
      line_size_ = digits_ = 0;
      return nullptr;
    case State::size_line_feed:
      return c == '\n' ? end_size_line() : "a CR in a chunk size line is not followed by LF";
    case State::size:
      ++line_size_;
      if (hex_digit(c) >= 0) return read_digit(c);
      if (digits_ == 0) return "a chunk has no size";
      extension_size_ = 0;
      if (c == ';') ++notes_.chunk_extensions;
      return end_part(c, "a chunk size is followed by something else than ';' or CRLF");
    default:
      ++line_size_;
      if (++extension_size_ > limits_.chunk_extension) return "a chunk extension is too long";
      return read_extension_byte(c);
  }
}

const char* ChunkedDecoder::read_digit(char c) {
  if (++digits_ > most_size_digits) return "a chunk size has more than 16 digits";
  left_ = (digits_ == 1 ? 0 : left_ << 4) | static_cast<std::uint64_t>(hex_digit(c));
  return nullptr;
}

// After the size and after each extension.
const char* ChunkedDecoder::end_part(char c, const char* what) {
  if (c != ';' && c != '\r') return what;
  state_ = c == ';' ? State::extension : State::size_line_feed;
  return nullptr;
}

// RFC 9112 7.1.1, without the blanks that only "bad" senders put there.
const char* ChunkedDecoder::read_extension_byte(char c) {
  constexpr const char* malformed = "a chunk extension is malformed";
  const bool token = syntax::is_token_char(c);
  switch (state_) {
    case State::extension:
      state_ = State::extension_name;
      return token ? nullptr : malformed;
    case State::extension_name:
      if (token) return nullptr;
      if (c != '=') return end_part(c, malformed);
      state_ = State::extension_value;
      return nullptr;
    case State::extension_value:
      state_ = c == '"' ? State::quoted_value : State::token_value;
      return token || c == '"' ? nullptr : malformed;
    case State::token_value:
      return token ? nullptr : end_part(c, malformed);
    case State::quoted_value:
      if (c == '"') state_ = State::after_quoted_value;
      if (c == '\\') state_ = State::quoted_pair;
      return may_be_quoted(c) ? nullptr : malformed;
    case State::quoted_pair:
      state_ = State::quoted_value;
      return may_be_quoted(c) ? nullptr : malformed;
    default:
      return end_part(c, malformed);
  }
}

const char* ChunkedDecoder::end_size_line() {
  ++line_size_;
  if (left_ > longest_chunk) return "a chunk size is too large";
  if (left_ <= tiny_chunk && left_ != 0) ++notes_.tiny_chunks;
  const bool odd = extension_size_ != 0 || left_ <= tiny_chunk;
  if (odd && of_ == Of::request && is_too_odd(notes_, limits_)) {
    ++notes_.glitch_ends;
    return too_odd;
  }
  state_ = left_ == 0 ? State::trailers : State::data;
  return left_ == 0 || charge(line_size_ + chunk_end.size(), left_) ? nullptr : "too much chunk framing for the data";
}

// The window slides by halves: what is older than it counts for less and less.
bool ChunkedDecoder::charge(std::size_t overhead, std::uint64_t data) {
  window_overhead_ += overhead;
  window_data_ += std::min<std::uint64_t>(data, limits_.chunk_window);
  while (window_overhead_ + window_data_ >= limits_.chunk_window) {
    if (window_overhead_ > window_data_ * limits_.chunk_overhead) return false;
    window_overhead_ /= 2;
    window_data_ /= 2;
  }
  return true;
}

Result<ChunkedDecoder::Step> ChunkedDecoder::read_trailers(std::string_view bytes, std::size_t at) {
  const std::string_view rest = bytes.substr(at);
  if (kept_size_ == 0 && rest.starts_with("\r\n")) {
    state_ = State::end;
    return Step{.consumed = at + 2, .end = true};
  }
  const std::size_t before = kept_size_;
  const std::string_view more = rest.substr(0, limits_.trailers - before);
  if (!keep(more)) return refuse(Code::header_too_large, "H1-15", "the trailers need too much memory");
  const std::string_view kept(kept_.data(), kept_size_);
  if (scanner_.worth_parsing(kept)) {
    const auto size = parse_trailers(kept);
    if (!size) return fail(size.error());
    if (*size != 0) {
      state_ = State::end;
      return Step{.consumed = at + *size - before, .end = true};
    }
  }
  if (kept_size_ >= limits_.trailers) return refuse(Code::header_too_large, "H1-15", "the trailers are too long");
  return Step{.consumed = at + more.size()};
}

// Their size; 0 when they are not complete.
Result<std::size_t> ChunkedDecoder::parse_trailers(std::string_view bytes) {
  trailers_.clear();
  std::uint32_t dropped = 0;
  FieldReader reader(bytes, 0, limits_.trailer_fields);
  for (;;) {
    switch (reader.next()) {
      case FieldReader::Found::field: {
        const HeaderId id = syntax::header_id(reader.name());
        if (!may_be_trailer(id, reader.name())) {
          ++dropped;
        } else if (!trailers_.append(id, reader.name(), reader.value())) {
          return refuse(Code::header_too_large, "H1-15", "the trailers need too much memory");
        }
        break;
      }
      case FieldReader::Found::end:
        notes_.trailers_dropped += dropped;
        return reader.position();
      case FieldReader::Found::more:
        trailers_.clear();
        return 0;
      case FieldReader::Found::refused: {
        const Error error = reader.error();
        return refuse(error.code, error.rule, error.detail.c_str());
      }
    }
  }
}

// Behind what is kept already. Room doubles, so that few bytes take little and many are copied once or twice.
bool ChunkedDecoder::keep(std::string_view more) {
  constexpr std::size_t first_room = 512;
  if (kept_.size() - kept_size_ < more.size()) {
    const auto room = arena_.text(std::max({first_room, kept_.size() * 2, kept_size_ + more.size()}));
    if (room.empty()) return false;
    if (kept_size_ != 0) std::memcpy(room.data(), kept_.data(), kept_size_);
    kept_ = room;
  }
  if (!more.empty()) std::memcpy(kept_.data() + kept_size_, more.data(), more.size());
  kept_size_ += more.size();
  return true;
}

ChunkHeader::ChunkHeader(std::size_t size) {
  start_ = text_.size();
  text_[--start_] = '\n';
  text_[--start_] = '\r';
  do {
    text_[--start_] = "0123456789abcdef"[size & 0xf];
    size >>= 4;
  } while (size != 0);
}

std::optional<std::size_t> write_last_chunk(std::span<char> room, const Fields* trailers) {
  constexpr std::string_view last = "0\r\n";
  std::size_t size = last.size() + chunk_end.size();
  if (trailers != nullptr) {
    for (const Field& field : *trailers) size += field.name.size() + field.value.size() + 4;
  }
  if (room.size() < size) return std::nullopt;
  char* at = std::ranges::copy(last, room.data()).out;
  if (trailers != nullptr) {
    for (const Field& field : *trailers) {
      for (const std::string_view text : {field.name, std::string_view(": "), field.value, chunk_end}) {
        at = std::ranges::copy(text, at).out;
      }
    }
  }
  std::ranges::copy(chunk_end, at);
  return size;
}

}  // namespace sallyport::http::h1
