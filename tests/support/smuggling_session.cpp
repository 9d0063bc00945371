// SPDX-License-Identifier: Apache-2.0
#include "support/smuggling_session.hpp"

#include <algorithm>
#include <optional>

#include "http/h1/chunked.hpp"
#include "http/h1/head_scanner.hpp"
#include "http/h1/request_parser.hpp"
#include "http/h1/response_parser.hpp"
#include "http/h1/serialiser.hpp"

namespace sallyport::support::smuggling {
namespace {

using http::Framing;
using http::h1::ChunkedDecoder;

constexpr http::Limits limits;
constexpr http::Stamp stamp{.date = "Sun, 06 Nov 1994 08:49:37 GMT", .server = "Sallyport"};
constexpr unsigned most_interim_heads = 8;

// The stream as it arrives.
class Arriving {
 public:
  Arriving(std::string_view stream, std::size_t piece) : stream_(stream), piece_(piece == 0 ? stream.size() : piece) {
    more();
  }

  std::size_t at() const { return at_; }
  std::string_view unread() const { return stream_.substr(at_, arrived_ - at_); }
  void use(std::size_t size) { at_ += size; }
  // False: the stream has ended.
  bool more() {
    if (arrived_ == stream_.size()) return false;
    arrived_ = std::min(stream_.size(), arrived_ + piece_);
    return true;
  }

 private:
  std::string_view stream_;
  std::size_t piece_;
  std::size_t arrived_ = 0;
  std::size_t at_ = 0;
};

class Session {
 public:
  Session(std::string_view stream, std::size_t piece) : in_(stream, piece) {}

  Made requests(const http::Conduct& conduct) {
    while (request(conduct)) {
    }
    return std::move(run_);
  }

  Made response(http::Method method, const Client& client) {
    unsigned interim = 0;
    while (one_response(method, client, interim)) ++interim;
    return std::move(run_);
  }

 private:
  bool stop(Stop why) {
    run_.stop = why;
    return false;
  }
  bool refuse(const Error& error) {
    run_.rule = error.rule;
    run_.detail = error.detail;
    return stop(Stop::refused);
  }

  // As read_head() of both connections: the scanner is asked from the second try on.
  template <class Head, class Parse>
  bool read_head(Head& head, Parse parse) {
    http::h1::HeadScanner scanner = http::h1::HeadScanner::for_head(limits);
    bool tried = false;
    for (;;) {
      const std::string_view bytes = in_.unread();
      if (!bytes.empty() && (!tried || scanner.worth_parsing(bytes))) {
        tried = true;
        arena_.clear();
        head = Head(arena_);
        const Result<std::size_t> size = parse(bytes);
        if (!size) return refuse(size.error());
        in_.use(*size);
        if (*size != 0) return true;
      }
      if (!in_.more()) return stop(in_.unread().empty() ? Stop::whole : Stop::cut);
    }
  }

  bool request(const http::Conduct& conduct) {
    run_.rest = in_.at();
    http::RequestHead head(arena_);
    const auto parse = [&](std::string_view bytes) {
      return http::h1::parse_request_head(bytes, limits, conduct, arena_, head, notes_);
    };
    if (!read_head(head, parse)) return false;
    const http::Hop hop{.upgrade = head.upgrade, .te_trailers = head.accepts_trailers};
    if (!write(http::h1::room_for(head, hop),
               [&](std::span<char> room) { return http::h1::write_request_head(room, head, hop); })) {
      return false;
    }

    Passed passed;
    passed.method = head.method_text;
    passed.raw_target = head.raw_target;
    passed.target = head.path;
    if (head.has_query) passed.target.append("?").append(head.query);
    passed.host = head.authority;
    passed.switches = !head.upgrade.empty();
    if (!pass_body(ChunkedDecoder::Of::request, head.framing, head.framing.kind, passed)) return false;
    add(std::move(passed));
    return head.keep_alive && head.upgrade.empty() ? true : stop(Stop::closed);
  }

  // True: it was an interim one.
  bool one_response(http::Method method, const Client& client, unsigned interim) {
    run_.rest = in_.at();
    http::ResponseHead head(arena_);
    const auto parse = [&](std::string_view bytes) {
      return http::h1::parse_response_head(bytes, limits, method, arena_, head, notes_);
    };
    if (!read_head(head, parse)) return run_.stop == Stop::whole ? stop(Stop::cut) : false;
    if (head.status == 101) return refuse({.rule = "H1-12", .detail = "a switch that nobody asked for"});
    Passed passed;
    passed.status = head.status;
    if (head.status < 200) return interim_response(head, client, interim, std::move(passed));

    const Framing framing = head.framing;
    const bool unknown = framing.kind == Framing::Kind::chunked || framing.kind == Framing::Kind::close;
    if (unknown) head.framing.kind = client.http10 ? Framing::Kind::close : Framing::Kind::chunked;
    const bool stays = client.keeps_alive && !(unknown && client.http10);
    const http::Hop hop{.close = !stays, .keep_alive_1_0 = stays && client.http10};
    if (!write(http::h1::room_for(head, hop, stamp),
               [&](std::span<char> room) { return http::h1::write_response_head(room, head, hop, stamp); })) {
      return false;
    }
    if (!pass_body(ChunkedDecoder::Of::response, framing, head.framing.kind, passed)) return false;
    const bool clean = head.keep_alive && in_.unread().empty() && !in_.more();
    add(std::move(passed));
    return stop(clean ? Stop::whole : Stop::closed);
  }

  bool interim_response(const http::ResponseHead& head, const Client& client, unsigned interim, Passed passed) {
    if (interim == most_interim_heads) return refuse({.rule = "H1-13", .detail = "too many interim responses"});
    const http::Hop hop;
    constexpr http::Stamp none;
    const bool goes_on = head.status != 100 && !client.http10;
    if (goes_on && !write(http::h1::room_for(head, hop, none),
                          [&](std::span<char> room) { return http::h1::write_response_head(room, head, hop, none); })) {
      return false;
    }
    add(std::move(passed));
    return true;
  }

  template <class Write>
  bool write(std::size_t size, Write put) {
    std::string& out = run_.unfinished;
    out.resize(size);
    const std::optional<std::size_t> written = put(std::span<char>(out));
    if (!written) {
      out.clear();
      return refuse({.rule = "unwritable", .detail = "the serialiser refused what the parser made"});
    }
    out.resize(*written);
    run_.begun = true;
    return true;
  }

  void put_piece(std::string_view piece, Framing::Kind kind, Passed& passed) {
    passed.body += piece;
    if (piece.empty()) return;
    if (kind == Framing::Kind::chunked) run_.unfinished += http::h1::ChunkHeader(piece.size()).text();
    run_.unfinished += piece;
    if (kind == Framing::Kind::chunked) run_.unfinished += http::h1::chunk_end;
  }

  void put_end(Framing::Kind kind, const http::Fields* trailers) {
    if (kind != Framing::Kind::chunked) return;
    std::vector<char> room(limits.trailers + 8);
    const auto size = http::h1::write_last_chunk(room, trailers);
    run_.unfinished.append(room.data(), size.value_or(0));
  }

  bool pass_body(ChunkedDecoder::Of of, const Framing& framing, Framing::Kind kind, Passed& passed) {
    switch (framing.kind) {
      case Framing::Kind::none:
        return true;
      case Framing::Kind::length:
        return pass_length(framing.length, kind, passed);
      case Framing::Kind::chunked:
        return pass_chunks(of, kind, passed);
      case Framing::Kind::close:
        do {
          put_piece(in_.unread(), kind, passed);
          in_.use(in_.unread().size());
        } while (in_.more());
        put_end(kind, nullptr);
        return true;
    }
    return false;
  }

  bool pass_length(std::uint64_t left, Framing::Kind kind, Passed& passed) {
    while (left != 0) {
      if (in_.unread().empty() && !in_.more()) return stop(Stop::cut);
      const std::string_view piece = in_.unread().substr(0, std::min<std::uint64_t>(left, in_.unread().size()));
      left -= piece.size();
      put_piece(piece, kind, passed);
      in_.use(piece.size());
    }
    return true;
  }

  bool pass_chunks(ChunkedDecoder::Of of, Framing::Kind kind, Passed& passed) {
    ChunkedDecoder decoder(of, limits, arena_, notes_);
    for (;;) {
      if (in_.unread().empty() && !in_.more()) return stop(Stop::cut);
      const Result<ChunkedDecoder::Step> step = decoder.step(in_.unread());
      if (!step) return refuse(step.error());
      put_piece(step->data, kind, passed);
      in_.use(step->consumed);
      if (!step->end) continue;
      for (const http::Field& field : decoder.trailers()) passed.trailers.emplace_back(field.name, field.value);
      put_end(kind, decoder.trailers().empty() ? nullptr : &decoder.trailers());
      return true;
    }
  }

  void add(Passed passed) {
    passed.begin = run_.rest;
    passed.end = run_.rest = in_.at();
    passed.bytes = std::exchange(run_.unfinished, std::string());
    run_.begun = false;
    run_.passed.push_back(std::move(passed));
  }

  Arriving in_;
  Arena arena_;
  http::Notes notes_;
  Made run_;
};

}  // namespace

Made pass_requests(std::string_view stream, const http::Conduct& conduct, std::size_t piece) {
  return Session(stream, piece).requests(conduct);
}

Made pass_response(std::string_view stream, http::Method method, const Client& client, std::size_t piece) {
  return Session(stream, piece).response(method, client);
}

// As commands/command_line.cpp has it: rules judge %2F and runs of '/' later.
http::Conduct conduct_of_the_gateway() { return {.path = {.keep_encoded_slash = true, .merge_slashes = true}}; }

}  // namespace sallyport::support::smuggling
