// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/objects.hpp"

#include <gtest/gtest.h>

#include <variant>

#include "texts.hpp"

namespace sallyport::sources::api_server {
namespace {

Event read(const std::string& line) { return read_event({line, false}, service_resource()); }

TEST(ReadEvent, AnObjectThatIsThere) {
  for (const std::string_view type : {"ADDED", "MODIFIED"}) {
    const Event read_one = read(event(type, service("web", "7")));
    const auto* changed = std::get_if<Changed>(&read_one);
    ASSERT_NE(changed, nullptr);
    EXPECT_EQ(changed->item.ref, service_ref("web"));
    EXPECT_EQ(changed->item.version, "7");
    ASSERT_NE(changed->item.object, nullptr);
    EXPECT_EQ(kube::as<kube::Service>(*changed->item.object)->spec.ports.size(), 1U);
    EXPECT_EQ(changed->item.object->file, "");
  }
}

TEST(ReadEvent, AnObjectThatIsGone) {
  const Event read_one = read(event("DELETED", service("web", "8")));
  const auto* removed = std::get_if<Removed>(&read_one);
  ASSERT_NE(removed, nullptr);
  EXPECT_EQ(removed->ref, service_ref("web"));
  EXPECT_EQ(removed->version, "8");
}

TEST(ReadEvent, BookmarksAndTheEndOfAList) {
  const Event plain = read(bookmark("9"));
  ASSERT_NE(std::get_if<Bookmark>(&plain), nullptr);
  EXPECT_FALSE(std::get<Bookmark>(plain).ends_list);
  const Event last = read(end_of_list("10"));
  EXPECT_TRUE(std::get<Bookmark>(last).ends_list);
  EXPECT_EQ(std::get<Bookmark>(last).version, "10");
}

TEST(ReadEvent, ErrorsAreStatuses) {
  const Event read_one = read(event("ERROR", status(410, "Expired", "too old")));
  const auto* refusal = std::get_if<Status>(&read_one);
  ASSERT_NE(refusal, nullptr);
  EXPECT_EQ(refusal->code, 410U);
  EXPECT_EQ(refusal->reason, "Expired");
  EXPECT_EQ(refusal->message, "too old");
}

TEST(ReadEvent, TypesThatNobodyKnowsAreNothing) {
  const Event read_one = read(event("SOMETHING", service("web", "1")));
  EXPECT_NE(std::get_if<Unheard>(&read_one), nullptr);
}

TEST(ReadEvent, WhatCannotBeReadNamesItsObject) {
  std::string broken = event("MODIFIED", service("web", "7"));
  broken.replace(broken.find(R"("spec")"), 6, R"("spe)");
  const Event read_one = read(broken);
  const auto* unreadable = std::get_if<Unreadable>(&read_one);
  ASSERT_NE(unreadable, nullptr);
  EXPECT_EQ(unreadable->ref, service_ref("web"));
  EXPECT_TRUE(unreadable->message.starts_with("not JSON")) << unreadable->message;
}

TEST(ReadEvent, SoDoesWhatIsTooLong) {
  const std::string whole = event("ADDED", service("web", "7"));
  const Event read_one = read_event({std::string_view(whole).substr(0, 120), true}, service_resource());
  const auto* unreadable = std::get_if<Unreadable>(&read_one);
  ASSERT_NE(unreadable, nullptr);
  EXPECT_EQ(unreadable->ref, service_ref("web"));
  EXPECT_EQ(unreadable->message, "larger than 4 MiB");
}

TEST(ReadEvent, HalfALineNamesNobody) {
  const Event read_one = read(R"({"type":"ADDED","obj)");
  const auto* unreadable = std::get_if<Unreadable>(&read_one);
  ASSERT_NE(unreadable, nullptr);
  EXPECT_FALSE(unreadable->ref);
}

TEST(ReadItem, NeedNotSayItsKindInAList) {
  const auto item =
      read_item({R"({"metadata":{"name":"web","namespace":"shop","resourceVersion":"3"}})", false}, service_resource());
  ASSERT_TRUE(item);
  EXPECT_EQ(item->ref, service_ref("web"));
}

TEST(ReadItem, OfAnotherKindIsNoItem) {
  const auto item = read_item(
      {R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"shop"}})", false}, service_resource());
  ASSERT_FALSE(item);
  EXPECT_EQ(item.error().message, "Pod of v1 is not a kind that is read here");
}

TEST(ReadItem, MetadataAloneHasNoObject) {
  const Resource resource{
      .kind = kube::find_kind("", "Secret"), .namespace_ = {}, .selector = {}, .is_metadata_only = true};
  const auto item = read_item({R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",)"
                               R"("metadata":{"name":"cert","namespace":"shop","resourceVersion":"3"}})",
                               false},
                              resource);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->ref, (ObjectRef{"", "Secret", "shop", "cert"}));
  EXPECT_EQ(item->object, nullptr);
}

TEST(ReadFrame, HasWhereToGoOn) {
  const auto frame = read_frame({services("12", {}, "more"), false});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->version, "12");
  EXPECT_EQ(frame->proceed, "more");
}

TEST(ReadFrame, WhatIsNoListIsNone) {
  EXPECT_FALSE(read_frame({"{}", false}));
  EXPECT_FALSE(read_frame({"<html>", false}));
  EXPECT_FALSE(read_frame({status(200, "", ""), false}));
}

TEST(ReadStatus, KeepsTheCodeOfTheAnswer) {
  EXPECT_EQ(read_status("<html>", 503).code, 503U);
  const Status read = read_status(status(500, "Forbidden", "no"), 403);
  EXPECT_EQ(read.code, 403U);
  EXPECT_EQ(read.message, "no");
}

TEST(ReadStatus, SaysWhenToComeAgain) {
  const Status read = read_status(R"({"kind":"Status","details":{"retryAfterSeconds":7}})", 429);
  EXPECT_EQ(read.retry_after, net::Duration(7000));
}

}  // namespace
}  // namespace sallyport::sources::api_server
