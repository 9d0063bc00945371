// SPDX-License-Identifier: Apache-2.0
// The chunked coding of bodies, both ways (RFC 9112 7.1; reference: reliability-security.md H1-5, H1-6, H1-15).
//
// A decoder belongs to one body. It keeps no data: pieces are views of what it is fed. Extensions are checked and
// dropped; trailers are copied into the arena, without those that would be framing, routing, credentials or ours.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/fields.hpp"
#include "http/h1/head_scanner.hpp"
#include "http/limits.hpp"
#include "http/notes.hpp"

namespace sallyport::http::h1 {

class ChunkedDecoder {
 public:
  enum class Of : std::uint8_t { request, response };  // whose fault an error is

  struct Step {
    std::size_t consumed = 0;    // bytes of the input that are done with, `data` included
    std::string_view data = {};  // the next piece of the body, possibly a part of a chunk
    bool end = false;            // body and trailers are complete; what was not consumed is the next message's
  };

  // All but `of` must outlive it.
  ChunkedDecoder(Of of, const Limits& limits, Arena& arena, Notes& notes);

  // Gives at most one piece of data, so call it until `end`, or until it gives no data: then it has consumed all and
  // needs more. An error is final.
  Result<Step> step(std::string_view bytes);

  // Empty before the end, and when there were none.
  const Fields& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t {
    // Framing, read byte by byte.
    size,
    extension,
    extension_name,
    extension_value,
    token_value,
    quoted_value,
    quoted_pair,
    after_quoted_value,
    size_line_feed,
    data_return,
    data_line_feed,
    // The rest.
    data,
    trailers,
    end,
  };

  Failure refuse(Code code, const char* rule, const char* what) const;
  const char* read_line_byte(char c);
  const char* read_digit(char c);
  const char* read_extension_byte(char c);
  const char* end_part(char c, const char* what);
  const char* end_size_line();
  bool charge(std::size_t overhead, std::uint64_t data);
  Result<Step> read_trailers(std::string_view bytes, std::size_t at);
  Result<std::size_t> parse_trailers(std::string_view bytes);
  bool keep(std::string_view more);

  Of of_;
  State state_ = State::size;
  unsigned digits_ = 0;
  std::size_t line_size_ = 0;       // of this chunk's size line so far
  std::size_t extension_size_ = 0;  // of this chunk so far
  std::uint64_t left_ = 0;          // of this chunk's data
  std::uint64_t window_overhead_ = 0;
  std::uint64_t window_data_ = 0;
  const Limits& limits_;
  Arena& arena_;
  Notes& notes_;
  HeadScanner scanner_;
  std::span<char> kept_;  // room for the trailer section
  std::size_t kept_size_ = 0;
  Fields trailers_;
};

// What stands before the data of a chunk: its size and CRLF. `size` is not 0. Behind the data comes chunk_end.
class ChunkHeader {
 public:
  explicit ChunkHeader(std::size_t size);
  std::string_view text() const { return {text_.data() + start_, text_.size() - start_}; }

 private:
  std::array<char, 18> text_;
  std::size_t start_;
};

inline constexpr std::string_view chunk_end = "\r\n";

// The last chunk, trailers (null: none) and the end; nothing when the room is too small. Without trailers that is five
// bytes.
std::optional<std::size_t> write_last_chunk(std::span<char> room, const Fields* trailers);

}  // namespace sallyport::http::h1
