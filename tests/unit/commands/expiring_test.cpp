// SPDX-License-Identifier: Apache-2.0
#include "commands/expiring.hpp"

#include <gtest/gtest.h>

namespace sallyport::commands {
namespace {

constexpr std::int64_t day = 24 * 60 * 60;
constexpr std::int64_t now = 1'800'000'000;

std::shared_ptr<const model::Certificate> ending(std::string id, std::int64_t at, std::int64_t beginning = now - day) {
  auto made = std::make_shared<model::Certificate>();
  made->id = std::move(id);
  made->not_before = beginning;
  made->not_after = at;
  made->origin.file = "a.yaml";
  made->origin.line = 3;
  return made;
}

TEST(Expiring, ThoseThatEndWithin30DaysTheSoonestFirst) {
  const auto all = expiring({ending("later", now + 30 * day), ending("soon", now + 29 * day + 5),
                             ending("past", now - 3 * day), ending("today", now + 60)},
                            now);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(to_text(all[0]), "certificate past (a.yaml:3) has expired 3 days ago, at 2027-01-12T08:00:00Z");
  EXPECT_EQ(to_text(all[1]), "certificate today (a.yaml:3) expires in less than a day, at 2027-01-15T08:01:00Z");
  EXPECT_EQ(to_text(all[2]), "certificate soon (a.yaml:3) expires in 29 days, at 2027-02-13T08:00:05Z");
}

TEST(Expiring, ThoseThatAreNotValidYet) {
  const auto all = expiring({ending("later", now + 90 * day, now + 2 * day + 1), ending("now", now + 90 * day, now),
                             ending("both", now + 3 * day, now + 1), ending("never", now - day, now + day)},
                            now);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(to_text(all[0]), "certificate never (a.yaml:3) has expired 1 day ago, at 2027-01-14T08:00:00Z");
  EXPECT_EQ(to_text(all[1]),
            "certificate both (a.yaml:3) is not valid before 2027-01-15T08:00:01Z, in less than a day");
  EXPECT_EQ(to_text(all[2]), "certificate later (a.yaml:3) is not valid before 2027-01-17T08:00:01Z, in 2 days");
  EXPECT_TRUE(all[2].is_out_of_date());
  EXPECT_FALSE(expiring({ending("soon", now + day)}, now).at(0).is_out_of_date());
}

TEST(Expiring, IsToldInJsonToo) {
  std::string out;
  JsonWriter json(out, 0);
  write_expiring(json, expiring({ending("past", now - 1)}, now).at(0));
  EXPECT_NE(out.find("\"certificate\":\"past\""), out.npos) << out;
  EXPECT_NE(out.find("\"expired\":true,\"not_yet_valid\":false"), out.npos) << out;
}

}  // namespace
}  // namespace sallyport::commands
