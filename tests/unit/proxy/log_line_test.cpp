// SPDX-License-Identifier: Apache-2.0
#include "proxy/log_line.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "routing/rule.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {
namespace {

class Quiet final : public filters::Exchange {
 public:
  using Exchange::Exchange;
  ~Quiet() override = default;
  net::Task<Result<http::Response>> reroute() override { co_return fail(Code::internal); }
};

class NoCaller final : public http::Caller {
 public:
  net::Task<Result<http::Response>> call(std::string_view, const http::Request&, Arena&, http::CallLimits) override {
    co_return fail(Code::internal);
  }
};

class LogLineTest : public support::LoopTest {
 protected:
  LogLineTest() {
    http::RequestHead& head = incoming_.request.head;
    head.method_text = "GET";
    head.host = "shop.example.com";
    head.path = "/cart";
  }

  // It is one line and one object.
  simdjson::dom::object parsed(const http::Outcome& outcome) {
    line_.clear();
    append_log_line(line_, at_, exchange_, outcome);
    return parsed_line();
  }
  simdjson::dom::object parsed_line() {
    EXPECT_TRUE(line_.ends_with('\n'));
    EXPECT_EQ(std::ranges::count(line_, '\n'), 1);
    simdjson::dom::object object;
    const auto error = parser_.parse(line_).get(object);
    EXPECT_EQ(error, simdjson::SUCCESS) << line_;
    return object;
  }
  static std::string text(const simdjson::dom::object& object, std::string_view name) {
    std::string_view found;
    return object[name].get(found) == simdjson::SUCCESS ? std::string(found) : "(none)";
  }

  WallTime at_ = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + std::chrono::milliseconds(3'723'045);
  Arena arena_;
  Interims interims_;
  http::ConnectionFacts connection_ = http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234"));
  http::Incoming incoming_{arena_, loop_, connection_, interims_};
  filters::SharedStates shared_;
  filters::WorkerStates states_{shared_};
  NoCaller caller_;
  model::Listener listener_{.id = "web"};
  Quiet exchange_{incoming_, listener_, states_, caller_, std::array<std::uint64_t, 2>{}};
  std::string line_;
  simdjson::dom::parser parser_;
};

TEST_F(LogLineTest, SaysByWhichCertificateAClientWasLetIn) {
  net::tls::Facts facts;
  facts.version = "TLSv1.3";
  connection_.tls = &facts;
  EXPECT_TRUE(parsed({.status = 200})["client_certificate"].error());
  auto certificate = std::make_unique<net::tls::ClientCertificate>();
  certificate->subject = "CN=" + std::string(5'000, 'x');
  certificate->fingerprint = "00ff";
  facts.client = std::move(certificate);
  simdjson::dom::object client;
  ASSERT_EQ(parsed({.status = 200})["client_certificate"].get(client), simdjson::SUCCESS);
  EXPECT_EQ(text(client, "subject"), "CN=" + std::string(1021, 'x'));
  EXPECT_EQ(text(client, "fingerprint"), "00ff");
}

TEST_F(LogLineTest, OfACallOfGrpcItsStatusIsSaid) {
  exchange_.log.grpc_status = http::GrpcStatus::unavailable;
  auto said = parsed({.status = 200});
  EXPECT_EQ(said["grpc_status"].get_uint64().value(), 14U);
  exchange_.log.grpc_status = {};
  said = parsed({.status = 200});
  EXPECT_EQ(said["grpc_status"].error(), simdjson::NO_SUCH_FIELD);
}

TEST_F(LogLineTest, SaysWhatAUserLooksFor) {
  auto model = std::make_shared<model::Rule>();
  model->origin = {.object = {.kind = "Ingress", .namespace_ = "shop", .name = "web"}, .field = "spec.rules[0]"};
  const routing::Rule rule(model);
  exchange_.log = {.request_id = "id",
                   .rule = rule.origin_json,
                   .backend = "b",
                   .endpoint = *syntax::SocketAddress::parse("10.0.0.1:80"),
                   .attempts = 2};
  exchange_.client = *syntax::IpAddress::parse("203.0.113.9");
  const auto said = parsed({.status = 502,
                            .error = Code::upstream_malformed,
                            .rule = "H1-18",
                            .received = 5,
                            .sent = 7,
                            .took = net::Duration(12)});
  EXPECT_EQ(
      line_,
      R"({"time":"2026-11-24T01:02:03.045Z","client":"203.0.113.9","peer":"192.0.2.1","protocol":"HTTP/1.1",)"
      R"("listener":"web","method":"GET","host":"shop.example.com","path":"/cart","request_id":"id","rule":{"kind":"Ingress",)"
      R"("namespace":"shop","name":"web","field":"spec.rules[0]"},"backend":"b","endpoint":"10.0.0.1:80",)"
      R"("attempts":2,"status":502,"received":5,"sent":7,"duration_us":12000,"error":"upstream_malformed",)"
      R"("error_rule":"H1-18"})"
      "\n");
  EXPECT_EQ(text(said, "error"), "upstream_malformed");
}

TEST_F(LogLineTest, LeavesOutWhatIsNotThere) {
  parsed({.status = 404, .error = Code::no_host});
  for (const std::string_view name :
       {"peer", "query", "user_agent", "request_id", "rule", "backend", "endpoint", "attempts", "error_rule"}) {
    EXPECT_EQ(line_.find(name), std::string::npos) << name;
  }
}

// The client is whoever is known by then to have asked; the peer is said beside it where that is another.
TEST_F(LogLineTest, SaysWhoCarriedTheClientsConnection) {
  connection_.client = *syntax::SocketAddress::parse("198.51.100.7:9");
  connection_.client_source = http::ClientSource::proxy_header;
  append_log_line(line_, at_, incoming_, {.status = 400});
  const auto said = parsed_line();
  EXPECT_EQ(text(said, "client"), "198.51.100.7");
  EXPECT_EQ(text(said, "peer"), "192.0.2.1");
}

TEST_F(LogLineTest, SaysTheVersionThatTheClientSpoke) {
  EXPECT_EQ(text(parsed({.status = 200}), "protocol"), "HTTP/1.1");
  incoming_.request.head.version = http::Version::http10;
  EXPECT_EQ(text(parsed({.status = 200}), "protocol"), "HTTP/1.0");
  connection_.protocol = http::Version::http2;
  EXPECT_EQ(text(parsed({.status = 200}), "protocol"), "HTTP/2.0");
}

TEST_F(LogLineTest, ARefusedHeadHasALineToo) {
  append_log_line(line_, at_, incoming_, {.status = 400, .error = Code::bad_request, .rule = "H1-3"});
  const auto said = parsed_line();
  EXPECT_EQ(text(said, "client"), "192.0.2.1");
  EXPECT_EQ(text(said, "error_rule"), "H1-3");
  EXPECT_EQ(line_.find("path"), std::string::npos) << "what was refused is not repeated";
}

// Law 8 of the data plane: no byte of a client ends a line or a text early.
TEST_F(LogLineTest, EveryByteOfAClientStaysInItsText) {
  http::RequestHead& head = incoming_.request.head;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string sent = std::string("a") + static_cast<char>(byte) + "b\",\"status\":1";
    head.method_text = head.host = head.path = head.query = sent;
    exchange_.log.request_id = sent;
    head.fields.clear();
    ASSERT_TRUE(head.fields.append(syntax::HeaderId::user_agent, "User-Agent", sent));
    const auto said = parsed({.status = 200});
    const std::string shown = byte < 0x80 ? sent : "a\uFFFDb\",\"status\":1";
    for (const std::string_view name : {"method", "host", "path", "query", "user_agent", "request_id"}) {
      ASSERT_EQ(text(said, name), shown) << name << " with byte " << byte;
    }
    std::uint64_t status = 0;
    ASSERT_EQ(said["status"].get(status), simdjson::SUCCESS);
    EXPECT_EQ(status, 200U);
  }
}

TEST_F(LogLineTest, TextsOfClientsAreCutAtOneKibibyte) {
  const std::string longer(5000, 'x');
  incoming_.request.head.path = incoming_.request.head.query = incoming_.request.head.host = longer;
  const auto said = parsed({.status = 200});
  for (const std::string_view name : {"path", "query", "host"}) EXPECT_EQ(text(said, name), longer.substr(0, 1024));
}

TEST_F(LogLineTest, ACutWithinACharacterIsStillJson) {
  std::string sent(1023, 'x');
  sent += "\u00e9";
  incoming_.request.head.path = sent;
  EXPECT_EQ(text(parsed({.status = 200}), "path"), std::string(1023, 'x') + "\uFFFD");
}

TEST_F(LogLineTest, LinesAreAppended) {
  append_log_line(line_, at_, incoming_, {.status = 400});
  append_log_line(line_, at_, incoming_, {.status = 400});
  EXPECT_EQ(std::ranges::count(line_, '\n'), 2);
}

}  // namespace
}  // namespace sallyport::proxy
