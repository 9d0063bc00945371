// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "unit/sources/last_good/last_good_test.hpp"

namespace sallyport::sources::last_good {
namespace {

constexpr const char* name = "last-good.json";

std::string with_checksum(std::string body) {
  const std::string sum = hex(sha256(body));
  return body + ",\"sha256\":\"" + sum + "\"}\n";
}

// The text without its checksum, to be changed.
std::string body_of(const std::string& text) { return text.substr(0, text.rfind(",\"sha256\"")); }

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return at == text.npos ? text : text.replace(at, what.size(), by);
}

TEST(LastGoodFile, GivesTheObjectsBackWithWhenAndByWhom) {
  const auto contents = read_text(text_of(config_map_document("b") + config_map_document("a")), nullptr, name);
  EXPECT_EQ(summary(contents), "ConfigMap default/a, ConfigMap default/b");
  EXPECT_EQ(contents->written, "2026-05-04T03:02:01Z");
  EXPECT_EQ(contents->by, "1.2.3");
  EXPECT_FALSE(contents->has_secrets);
  EXPECT_EQ(contents->objects[1]->file, name);
  EXPECT_EQ(contents->objects[1]->line, 3U) << "one object a line";
}

TEST(LastGoodFile, IsAListOfKubernetes) {
  const std::string text = text_of(config_map_document("b") + secret_document("s") + config_map_document("a"));
  const kube::FileContents contents = kube::read_objects(name, text);
  EXPECT_TRUE(contents.problems.empty() && contents.ignored.empty());
  EXPECT_EQ(contents.objects.size(), 2U);
}

TEST(LastGoodFile, WithoutObjectsItIsWholeToo) {
  EXPECT_EQ(summary(read_text(text_of(""), nullptr, name)), "");
  const Key sealing = key();
  EXPECT_EQ(summary(read_text(text_of("", &sealing), &sealing, name)), "");
}

TEST(LastGoodFile, TheOrderOfTheObjectsDoesNotMatter) {
  EXPECT_EQ(text_of(config_map_document("b") + config_map_document("a")),
            text_of(config_map_document("a") + config_map_document("b")));
}

TEST(LastGoodFile, SecretsAreSealed) {
  const Key sealing = key();
  const std::string text = text_of(secret_document("s", "hidden") + config_map_document("a"), &sealing);
  for (const char* const part : {"hidden", "aGlkZGVu", "Secret\""}) EXPECT_EQ(text.find(part), text.npos) << part;
  const auto contents = read_text(text, &sealing, name);
  EXPECT_EQ(summary(contents), "ConfigMap default/a, Secret default/s");
  EXPECT_TRUE(contents->has_secrets);
  EXPECT_EQ(kube::as<kube::Secret>(*contents->objects[1])->data.at("value").reveal(), "hidden");
}

TEST(LastGoodFile, WithoutAKeySecretsAreNotThere) {
  const auto made = make_text(objects(secret_document("s") + config_map_document("a")), nullptr, {});
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->objects, 1U);
  EXPECT_EQ(made->left_out, 1U);
  EXPECT_EQ(summary(read_text(made->bytes, nullptr, name)), "ConfigMap default/a");
  const Key late = key();
  EXPECT_EQ(summary(read_text(made->bytes, &late, name)), "ConfigMap default/a") << "none are sealed in it";
}

TEST(LastGoodFile, WhoWantsNoSecretsNeedsNoKey) {
  const Key sealing = key();
  EXPECT_EQ(summary(read_text(text_of(secret_document("s") + config_map_document("a"), &sealing), nullptr, name)),
            "ConfigMap default/a");
}

TEST(LastGoodFile, AnotherKeyIsNamed) {
  const Key sealing = key();
  const Key other = key("another key, which is as long as the first");
  EXPECT_EQ(summary(read_text(text_of(secret_document("s"), &sealing), &other, name)),
            text::cat("is sealed with another key (", sealing.id(), "; this one is ", other.id(), ")"));
}

TEST(LastGoodFile, SecretsDoNotGoWithObjectsOfAnotherFile) {
  const Key sealing = key();
  const std::string one = body_of(text_of(secret_document("s") + config_map_document("a"), &sealing));
  const std::string other = body_of(text_of(secret_document("s") + config_map_document("b"), &sealing));
  const std::string mixed = one.substr(0, one.rfind('\n')) + other.substr(other.rfind('\n'));
  EXPECT_EQ(summary(read_text(with_checksum(mixed), &sealing, name)),
            "what is sealed in it was changed, or is not of this file");
}

TEST(LastGoodFile, EveryBeginningOfItIsTorn) {
  const Key sealing = key();
  const std::string text = text_of(config_map_document("a") + secret_document("s"), &sealing);
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string said = summary(read_text(text.substr(0, size), &sealing, name));
    EXPECT_TRUE(said == "is torn: its end is missing" || (size < 64 && said == "is no last good configuration"))
        << size << ": " << said;
  }
}

TEST(LastGoodFile, EveryByteCounts) {
  const std::string text = text_of(config_map_document("a"));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(read_text(changed, nullptr, name).has_value()) << at;
  }
  EXPECT_FALSE(read_text(text + " ", nullptr, name).has_value());
}

TEST(LastGoodFile, AForeignFileIsNamed) {
  for (const std::string_view text : {"", "{}", "apiVersion: v1\nkind: List\n", R"({"apiVersion":"v1","kind":"List"})",
                                      R"({"apiVersion":"v1","kind":"List","metadata":{"lastGood":x,)"}) {
    EXPECT_EQ(summary(read_text(text, nullptr, name)), "is no last good configuration") << text;
  }
}

TEST(LastGoodFile, ANewerFormIsNamedThoughNothingElseOfItIsKnown) {
  const std::string text = text_of(config_map_document("a"));
  EXPECT_EQ(summary(read_text(replaced(text, "\"lastGood\":1,", "\"lastGood\":2,"), nullptr, name)),
            "was written by a newer version, in form 2; this one reads form 1");
}

TEST(LastGoodFile, AFirstLineOfAnotherKindIsDamage) {
  const std::string body = body_of(text_of(config_map_document("a")));
  for (const std::string_view member : {"\"written\":", "\"by\":", "\"objects\":", "\"items\":"}) {
    EXPECT_EQ(summary(read_text(with_checksum(replaced(body, member, "\"other\":")), nullptr, name)),
              "is damaged: its first line is not as it should be")
        << member;
  }
}

TEST(LastGoodFile, AnObjectThatCannotBeReadHarmsItselfOnly) {
  const std::string body =
      body_of(text_of(config_map_document("a") + config_map_document("b") + config_map_document("c")));
  const std::string line =
      body.substr(body.find("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\""));
  const std::string_view b = std::string_view(line).substr(0, line.find('\n'));
  std::string deep(80, '[');
  for (const std::string_view by : {std::string_view("{"), std::string_view("5,"), std::string_view(deep),
                                    std::string_view(R"({"apiVersion":"v1","kind":"ConfigMap"},)"),
                                    std::string_view(R"({"apiVersion":"v9","kind":"ConfigMap"},)")}) {
    const auto contents = read_text(with_checksum(replaced(body, b, by)), nullptr, name);
    EXPECT_EQ(summary(contents), "ConfigMap default/a, ConfigMap default/c") << by;
    EXPECT_EQ(contents->unreadable, 1U) << by;
    EXPECT_EQ(contents->objects.back()->line, 4U) << by;
  }
}

TEST(LastGoodFile, ManyObjectsAreReadInPieces) {
  constexpr std::size_t count = 3'000;
  std::string yaml;
  for (std::size_t at = 0; at < count; ++at) yaml += config_map_document(text::cat("m", at), std::string(1'000, 'x'));
  const auto contents = read_text(text_of(yaml), nullptr, name);
  ASSERT_TRUE(contents.has_value());
  ASSERT_EQ(contents->objects.size(), count);
  std::uint32_t line = 2;
  EXPECT_TRUE(std::ranges::all_of(contents->objects, [&](const auto& object) { return object->line == line++; }));
}

TEST(LastGoodFile, ContentTellsWhetherAnythingIsDifferent) {
  const Key sealing = key();
  const auto content = [&](const std::string& yaml, const char* written) {
    return make_text(objects(yaml), &sealing, {.written = written})->content;
  };
  const std::string yaml = config_map_document("a") + secret_document("s");
  EXPECT_EQ(content(yaml, "now"), content(yaml, "later"));
  EXPECT_NE(content(yaml, "now"), content(config_map_document("a") + secret_document("s", "other"), "now"));
  EXPECT_NE(content(yaml, "now"), content(config_map_document("b") + secret_document("s"), "now"));
}

}  // namespace
}  // namespace sallyport::sources::last_good
