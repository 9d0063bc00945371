// SPDX-License-Identifier: Apache-2.0
#include "support/smuggling_grammar.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "support/smuggling_parts.hpp"

namespace sallyport::support {
namespace {

using namespace std::string_view_literals;

// Grows one stream. How often something is wrong is chosen anew for each message, so that many have no fault or one.
class Grower {
 public:
  explicit Grower(std::uint64_t seed) : parts_(seed) {}

  std::string requests() {
    const std::size_t count = 1 + parts_.dice.below(3);
    for (std::size_t i = 0; i < count; ++i) request();
    spoil();
    return std::move(out_);
  }

  ResponseStream responses() {
    ResponseStream stream{.http10 = parts_.dice.one_in(6)};
    const std::size_t count = 1 + parts_.dice.below(2);
    for (std::size_t i = 0; i < count; ++i) {
      ResponseStream::Exchange one;
      one.method = parts_.dice.pick({"GET"sv, "GET"sv, "POST"sv, "HEAD"sv});
      response();
      spoil();
      one.answer = std::exchange(out_, std::string());
      stream.exchanges.push_back(std::move(one));
    }
    return stream;
  }

 private:
  bool odd() { return parts_.odd(); }
  std::string_view part(std::string_view right, std::initializer_list<std::string_view> wrong) {
    return parts_.part(right, wrong);
  }
  std::string field(std::string_view name, std::string_view value) { return parts_.field(name, value); }

  void request() {
    parts_.begin_message();
    lines_.clear();
    out_ += part("", {"\r\n", "\n", "\r\n\r\n", " ", "\r", "\t\r\n"});
    request_line();
    parts_.enter(Area::fields);
    if (!odd()) lines_.push_back(host_line());
    if (odd()) lines_.push_back(host_line());
    const std::string body = framing();
    other_fields(/*of_request=*/true);
    put_head();
    out_ += body;
  }

  void request_line() {
    target_host_ =
        parts_.dice.pick({"shop.example.com", "shop.example.com", "SHOP.example.com.", "a", "[::1]", "192.0.2.7"});
    target_host_ += parts_.dice.pick({"", "", "", ":80", ":8080"});
    const std::string_view method =
        parts_.dice.pick({"GET", "GET", "POST", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "M-SEARCH"});
    out_ += part(method, {"get", "GET\t", "G(T", "TRACE", "CONNECT", "Track", "PRI", "", "GET ",
                          "POSTPOSTPOSTPOSTPOSTPOSTPOSTPOSTPOST"});
    out_ += part(" ", {"  ", "\t", "", "\v", "\xa0", "\r", " \t"});
    out_ += target();
    out_ += part(" ", {"  ", "\t", "", " \v", "\r ", " x "});
    out_ +=
        part(parts_.dice.one_in(10) ? "HTTP/1.0" : "HTTP/1.1",
             {"HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/01.1", "HTTP/1.1\r", "", "HTTP/1.10", "HTTP/0.9"});
    out_ += parts_.line_end();
  }

  std::string target() {
    if (odd()) {
      return std::string(parts_.dice.pick(
          {"/a b",        "/a#f",      "//x",      "/../x",       "/a%2fb", "/%00",   "/\\x",   "http://other.example/",
           "http://u@h/", "ftp://x/y", "/?a=%zz|", "/\"{}",       "a",      "",       "/a\x80", "/a\tb",
           "*",           "http:///x", "http://",  "/a HTTP/1.1", "?x",     "/..;/x", "/a%",    "/;x",
           "/.%2e/"}));
    }
    switch (parts_.dice.below(8)) {
      case 0:
        return std::string(parts_.dice.pick({"http://", "HTTP://", "https://"})) + target_host_ +
               std::string(parts_.dice.pick({"", "/", "/a?b=c", "?x"}));
      case 1:
        return "/shop/../a//b/./c?next=http://x/%20&y";
      case 2:
        return "/%7Euser/%c3%a9;v=1";
      default:
        return std::string(parts_.dice.pick({"/", "/a", "/a/b?x=1", "/shop%20x"}));
    }
  }

  std::string host_line() {
    const std::string value(
        odd() ? parts_.dice.pick({"", "a, b", "a b", "u@a", "other.example", "a/b", "a:99999", "a:x", "a:", "[::1",
                                  "a..b", "127.1", "%61", "a\0b"sv, ".", "shop.example.com:080"})
              : std::string_view(target_host_));
    return field("Host", value);
  }

  // Its lines go into the head; the body as it goes on the wire.
  std::string framing() {
    parts_.enter(Area::framing);
    Framed framed = framed_body(parts_);
    std::ranges::move(framed.lines, std::back_inserter(lines_));
    return std::move(framed.body);
  }

  void other_fields(bool of_request) {
    parts_.enter(Area::fields);
    const std::size_t count = parts_.dice.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      std::string line = of_request ? request_field() : response_field();
      const std::size_t at = parts_.dice.below(lines_.size() + 1);
      lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(at), std::move(line));
    }
  }

  std::string request_field() {
    switch (parts_.dice.below(10)) {
      case 0:
        return field("Connection", connection());
      case 1:
        return field("Expect",
                     part("100-continue", {"100-Continue", "100-continue, x", "", "200-ok", "\v100-continue"}));
      case 2:
        return field("Upgrade", part("websocket", {"h2c", "websocket, h2c", "WebSocket", "", "foo/2"}));
      case 3:
        return field("TE", parts_.dice.pick({"trailers", "trailers, deflate;q=0.5", "gzip"}));
      case 4:
        return field(parts_.dice.pick({"X_Real_IP", "X_A", "Content_Length", "Transfer_Encoding"}), "7");
      case 5:
        return field("Trailer", "X-Trailer");
      case 6:
        lines_.push_back(field("Connection", "Upgrade"));
        return field("Upgrade", "websocket");
      default:
        return common_field();
    }
  }

  std::string response_field() {
    switch (parts_.dice.below(7)) {
      case 0:
        return field("Connection", connection());
      case 1:
        return field("Server", "nginx");
      case 2:
        return field("Upgrade", "websocket");
      case 3:
        return field("Set-Cookie", "a=b");
      default:
        return common_field();
    }
  }

  std::string common_field() {
    return field(parts_.dice.pick(
                     {"User-Agent", "Accept", "X-A", "Cookie", "X-Forwarded-For", "Keep-Alive", "Proxy-Connection"}),
                 parts_.dice.pick({"x", "a, b", "", "text/html; q=1", "\"Content-Length: 5\"", "\xc3\xa9", "a\tb"}));
  }

  std::string_view connection() {
    return part(
        parts_.dice.pick(
            {"keep-alive", "close", "Upgrade", "keep-alive, TE", "X-A", "close, X-A", "Cookie", "X-Forwarded-For"}),
        {"Content-Length", "Transfer-Encoding", "Host", "close\0"sv, ",", "clo se", "close;x", "Host, Content-Length",
         "transfer-encoding, close", "\"close\"", "content-length\t,", "", "keep-alive,close"});
  }

  void put_head() {
    for (std::size_t i = lines_.size(); i > 1; --i) std::swap(lines_[i - 1], lines_[parts_.dice.below(i)]);
    for (const std::string& line : lines_) {
      out_ += line;
      out_ += parts_.line_end();
    }
    out_ += part("\r\n", {"\n", "\r", "", " \r\n", "\t\r\n", "\r\r\n", "\n\r\n", "\0\r\n"sv});
  }

  void response() {
    if (parts_.dice.one_in(6)) one_response(parts_.dice.pick({"100", "103", "102", "101"}), false);
    one_response(parts_.dice.pick({"200", "200", "200", "404", "204", "304", "500", "302"}), true);
  }

  void one_response(std::string_view status, bool is_final) {
    parts_.begin_message();
    lines_.clear();
    out_ += part("", {"\r\n", " ", "\n"});
    out_ +=
        part(parts_.dice.one_in(8) ? "HTTP/1.0" : "HTTP/1.1", {"HTTP/1.2", "http/1.1", "HTTP/2 ", "ICY", "HTTP/1.1\t"});
    out_ += part(" ", {"  ", "\t", ""});
    out_ += part(status, {"20", "2000", "099", "600", "+20", "0xc8", "200\t"});
    out_ += part(" ", {"", "\t", "  "});
    out_ += part("OK", {"", "O\0K"sv, "O\rK", "OK ", "\xff", "OK\x7f"});
    out_ += parts_.line_end();
    const std::string body = is_final || odd() ? framing() : "";
    other_fields(/*of_request=*/false);
    put_head();
    out_ += body;
    if (is_final && odd()) out_ += hidden_response;
  }

  // Now and then the stream is cut off, or a byte of it is another one.
  void spoil() {
    if (parts_.dice.one_in(16)) out_.resize(parts_.dice.below(out_.size() + 1));
    if (out_.empty() || !parts_.dice.one_in(12)) return;
    const std::size_t at = parts_.dice.below(out_.size());
    const char other = parts_.dice.pick({"\r", "\n", "\0"sv, " ", ":", "0", ";", "\t", ",", "\x80", "a", "-"})[0];
    switch (parts_.dice.below(3)) {
      case 0:
        out_[at] = other;
        break;
      case 1:
        out_.insert(at, 1, other);
        break;
      default:
        out_.erase(at, 1);
    }
  }

  Parts parts_;
  std::string target_host_;
  std::vector<std::string> lines_;  // of the head being grown
  std::string out_;
};

}  // namespace

std::string request_stream(std::uint64_t seed) { return Grower(seed).requests(); }

ResponseStream response_stream(std::uint64_t seed) { return Grower(seed).responses(); }

}  // namespace sallyport::support
