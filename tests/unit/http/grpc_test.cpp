// SPDX-License-Identifier: Apache-2.0
#include "http/grpc.hpp"

#include <gtest/gtest.h>

#include <string>

#include "http/gateway_answer.hpp"

namespace sallyport::http {
namespace {

using syntax::HeaderId;

constexpr int codes = static_cast<int>(Code::invalid) + 1;

TEST(Grpc, IsKnownByItsContentType) {
  for (const char* type : {"application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8",
                           "Application/GRPC+json", "application/grpc ; a=b"}) {
    EXPECT_TRUE(is_grpc(type)) << type;
    EXPECT_FALSE(is_grpc_web(type)) << type;
  }
  for (const char* type : {"application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text",
                           "application/grpc-web-text+proto", "APPLICATION/grpc-web;a=b"}) {
    EXPECT_FALSE(is_grpc(type)) << type;
    EXPECT_TRUE(is_grpc_web(type)) << type;
  }
  for (const char* type : {"", "application/grp", "application/grpcs", "application/grpc-webs", "text/plain",
                           "application/grpc-web-texts", "application/json"}) {
    EXPECT_FALSE(is_grpc(type)) << type;
    EXPECT_FALSE(is_grpc_web(type)) << type;
  }
}

// The table of http-grpc-status-mapping.md.
TEST(Grpc, StatusesOfHttpHaveTheirOwn) {
  EXPECT_EQ(grpc_status_of(400), GrpcStatus::internal);
  EXPECT_EQ(grpc_status_of(401), GrpcStatus::unauthenticated);
  EXPECT_EQ(grpc_status_of(403), GrpcStatus::permission_denied);
  EXPECT_EQ(grpc_status_of(404), GrpcStatus::unimplemented);
  for (const int status : {429, 502, 503, 504})
    EXPECT_EQ(grpc_status_of(static_cast<std::uint16_t>(status)), GrpcStatus::unavailable);
  for (const int status : {200, 302, 405, 421, 500})
    EXPECT_EQ(grpc_status_of(static_cast<std::uint16_t>(status)), GrpcStatus::unknown);
}

TEST(Grpc, AStatusIsReadAsClientsDo) {
  EXPECT_EQ(grpc_status_in("0"), GrpcStatus::ok);
  EXPECT_EQ(grpc_status_in("5"), GrpcStatus::not_found);
  EXPECT_EQ(grpc_status_in("16"), GrpcStatus::unauthenticated);
  for (const char* other : {"", "17", "00", "-1", " 0", "OK"}) EXPECT_EQ(grpc_status_in(other), GrpcStatus::unknown);
  EXPECT_EQ(name_of(GrpcStatus::ok), "OK");
  EXPECT_EQ(name_of(GrpcStatus::unauthenticated), "UNAUTHENTICATED");
}

TEST(Grpc, ACallThatAskedForWhatItMayNotHaveIsNoFaultOfTheServer) {
  for (const auto status : {GrpcStatus::unknown, GrpcStatus::deadline_exceeded, GrpcStatus::unimplemented,
                            GrpcStatus::internal, GrpcStatus::unavailable, GrpcStatus::data_loss}) {
    EXPECT_TRUE(is_servers_fault(status)) << name_of(status);
  }
  for (const auto status : {GrpcStatus::ok, GrpcStatus::cancelled, GrpcStatus::not_found, GrpcStatus::permission_denied,
                            GrpcStatus::resource_exhausted}) {
    EXPECT_FALSE(is_servers_fault(status)) << name_of(status);
  }
}

TEST(Grpc, OurErrorsHaveTheStatusThatClientsActOn) {
  EXPECT_EQ(grpc_status_for(Code::no_path), GrpcStatus::unimplemented);
  EXPECT_EQ(grpc_status_for(Code::no_host), GrpcStatus::unimplemented);
  EXPECT_EQ(grpc_status_for(Code::upstream_timeout), GrpcStatus::deadline_exceeded);
  for (const Code code :
       {Code::connect_failed, Code::connect_timeout, Code::upstream_reset, Code::upstream_malformed,
        Code::upstream_truncated, Code::no_service, Code::no_endpoints, Code::overloaded, Code::outdated_connection}) {
    EXPECT_EQ(grpc_status_for(code), GrpcStatus::unavailable) << static_cast<int>(code);
  }
  EXPECT_EQ(grpc_status_for(Code::bad_request), GrpcStatus::internal);
  EXPECT_EQ(grpc_status_for(Code::header_too_large), GrpcStatus::resource_exhausted);
  EXPECT_EQ(grpc_status_for(Code::internal), GrpcStatus::internal);
  for (int code = 0; code < codes; ++code) EXPECT_NE(grpc_status_for(static_cast<Code>(code)), GrpcStatus::ok);
}

TEST(Grpc, ATimeoutIsAtMostEightDigitsAndAUnit) {
  EXPECT_EQ(grpc_timeout("2H"), net::Duration(7'200'000));
  EXPECT_EQ(grpc_timeout("3M"), net::Duration(180'000));
  EXPECT_EQ(grpc_timeout("10S"), net::Duration(10'000));
  EXPECT_EQ(grpc_timeout("250m"), net::Duration(250));
  EXPECT_EQ(grpc_timeout("0m"), net::Duration(0));
  EXPECT_EQ(grpc_timeout("99999999H"), net::Duration(std::chrono::hours(24 * 366)));  // saturates: as good as none
  EXPECT_EQ(grpc_timeout("99999999S"), grpc_timeout("99999999H"));
  for (const char* none : {"", "1", "S", "123456789S", "1s", "-1S", "+1S", " 1S", "1S ", "1.5S", "0x1S", "1SS"}) {
    EXPECT_EQ(grpc_timeout(none), std::nullopt) << none;
  }
}

// A deadline that is not there yet has not passed.
TEST(Grpc, ATimeoutBelowAMillisecondIsRoundedUp) {
  EXPECT_EQ(grpc_timeout("1u"), net::Duration(1));
  EXPECT_EQ(grpc_timeout("1000u"), net::Duration(1));
  EXPECT_EQ(grpc_timeout("1001u"), net::Duration(2));
  EXPECT_EQ(grpc_timeout("1n"), net::Duration(1));
  EXPECT_EQ(grpc_timeout("2000001n"), net::Duration(3));
}

TEST(Grpc, AnAnswerIsTrailersOnly) {
  Arena arena;
  RequestHead request(arena);
  request.method = Method::post;
  ASSERT_TRUE(request.fields.add(HeaderId::content_type, "application/grpc+proto"));
  const Error error{.code = Code::no_endpoints, .detail = "10.1.2.3:8080"};
  const Response response = gateway_answer(arena, error, request);
  EXPECT_EQ(response.head.status, 200);
  EXPECT_EQ(response.body, nullptr);
  EXPECT_EQ(response.head.framing.length, 0U);
  EXPECT_TRUE(response.head.keep_alive);
  EXPECT_EQ(response.head.fields.value(HeaderId::content_type), "application/grpc+proto");
  EXPECT_EQ(response.head.fields.value(HeaderId::grpc_status), "14");
  EXPECT_EQ(response.head.fields.value(HeaderId::grpc_message),
            "no_endpoints: The service has no endpoint that is ready.");
}

TEST(Grpc, AnAnswerToGrpcWebIsItsOwn) {
  Arena arena;
  RequestHead request(arena);
  request.method = Method::post;
  ASSERT_TRUE(request.fields.add(HeaderId::content_type, "application/grpc-web-text"));
  const Response response = gateway_answer(arena, Error{.code = Code::no_path}, request);
  EXPECT_EQ(response.head.status, 200);
  EXPECT_EQ(response.head.fields.value(HeaderId::content_type), "application/grpc-web-text");
  EXPECT_EQ(response.head.fields.value(HeaderId::grpc_status), "12");
}

TEST(Grpc, OthersGetTheAnswerOfHttp) {
  Arena arena;
  RequestHead request(arena);
  request.method = Method::post;
  ASSERT_TRUE(request.fields.add(HeaderId::content_type, "application/json"));
  EXPECT_EQ(gateway_answer(arena, Error{.code = Code::no_path}, request).head.status, 404);
}

// A cache would keep a 200, and a probe would believe it.
TEST(Grpc, AGetIsNoCallWhateverItSays) {
  Arena arena;
  RequestHead request(arena);
  request.method = Method::get;
  ASSERT_TRUE(request.fields.add(HeaderId::content_type, "application/grpc"));
  EXPECT_EQ(gateway_answer(arena, Error{.code = Code::header_too_large}, request).head.status, 431);
}

TEST(Grpc, TheConnectionEndsWhereItWouldForOthers) {
  Arena arena;
  RequestHead request(arena);
  request.method = Method::post;
  ASSERT_TRUE(request.fields.add(HeaderId::content_type, "application/grpc"));
  EXPECT_FALSE(gateway_answer(arena, Error{.code = Code::bad_request}, request).head.keep_alive);
}

// The message goes out as it stands: it must need no percent-encoding.
TEST(Grpc, MessagesArePrintableAscii) {
  for (int code = 0; code < codes; ++code) {
    Arena arena;
    const Response response = grpc_answer(arena, Error{.code = static_cast<Code>(code)}, "application/grpc");
    const std::string_view message = response.head.fields.value(HeaderId::grpc_message);
    EXPECT_FALSE(message.empty());
    for (const char c : message) EXPECT_TRUE(c >= ' ' && c <= '~' && c != '%') << message;
  }
}

TEST(Grpc, IsBareWithoutMemory) {
  Arena none(0);
  const Response response = grpc_answer(none, Error{.code = Code::overloaded}, "application/grpc");
  EXPECT_EQ(response.head.status, 200);
  EXPECT_TRUE(response.head.fields.empty());
}

}  // namespace
}  // namespace sallyport::http
