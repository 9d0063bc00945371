// SPDX-License-Identifier: Apache-2.0

#include "kube/tree.hpp"

#include <gtest/gtest.h>

#include <string>

#include "kube/json.hpp"
#include "kube/yaml.hpp"

namespace sallyport::kube {
namespace {

Digest content(const std::vector<Tree>& trees) {
  Digest digest;
  for (const Tree& tree : trees) add_content(*tree.root(), digest);
  return digest;
}

Digest yaml(std::string_view text) {
  const auto trees = parse_yaml(text);
  EXPECT_TRUE(trees) << text << "\n" << trees.error().message;
  return trees ? content(*trees) : Digest();
}

Digest json(std::string_view text) {
  const auto trees = parse_json(text);
  EXPECT_TRUE(trees) << text << "\n" << trees.error().message;
  return trees ? content(*trees) : Digest();
}

Mistake yaml_mistake(std::string_view text) {
  const auto trees = parse_yaml(text);
  EXPECT_FALSE(trees) << text;
  return trees ? Mistake() : trees.error();
}

Mistake json_mistake(std::string_view text) {
  const auto trees = parse_json(text);
  EXPECT_FALSE(trees) << text;
  return trees ? Mistake() : trees.error();
}

TEST(Tree, YamlAndJsonOfOneContentAreEqual) {
  EXPECT_EQ(yaml("a: text\nb: 80\nc: true\nd: null\ne: [1, \"2\", {f: g}]\nh: {}\ni: []\n"),
            json(R"({"a":"text","b":80,"c":true,"d":null,"e":[1,"2",{"f":"g"}],"h":{},"i":[]})"));
  EXPECT_EQ(yaml("- a\n- \"tab\\t\\u00e9\"\n"), json(R"(["a", "tab\t\u00e9"])"));
}

TEST(Tree, LayoutCommentsQuotesAndOrderOfKeysAreNotContent) {
  EXPECT_EQ(yaml("a: 1\nb: shop\n"), yaml("# why\n\nb:   'shop'   # here\na: 1\n"));
}

TEST(Tree, EverythingElseIsContent) {
  EXPECT_NE(yaml("a: 1\n"), yaml("a: \"1\"\n"));
  EXPECT_NE(yaml("a: yes\n"), yaml("a: \"yes\"\n"));
  EXPECT_NE(yaml("a: true\n"), yaml("a: \"true\"\n"));
  EXPECT_NE(yaml("a: [1, 2]\n"), yaml("a: [2, 1]\n"));
  EXPECT_NE(yaml("a: [b]\n"), yaml("a: b\n"));
  EXPECT_NE(yaml("a: {b: c}\n"), yaml("a: b\nc:\n"));
  EXPECT_NE(yaml("a: ab\nb: c\n"), yaml("a: a\nb: bc\n"));
}

TEST(Yaml, DocumentsAreSeparateAndEmptyOnesAreLeftOut) {
  EXPECT_EQ(parse_yaml("---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n")->size(), 2U);
  EXPECT_EQ(parse_yaml("")->size(), 0U);
}

TEST(Yaml, KnowsTheLineOfKeysAndElements) {
  const auto trees = parse_yaml("# first\na:\n  b: 1\n  c:\n    - x\n    -\n      y: 2\n");
  const Node& root = *trees->at(0).root();
  EXPECT_EQ(root.entries[0].line, 2U);
  const Node& a = *root.entries[0].value;
  EXPECT_EQ(a.entries[1].line, 4U);
  const Node& c = *a.entries[1].value;
  EXPECT_EQ(c.entries[0].line, 5U);
  EXPECT_EQ(c.entries[1].line, 7U);
}

TEST(Json, KnowsTheLineOfKeysAndElements) {
  const auto trees = parse_json("\n{\n \"a\": {\"b\": 1,\n  \"c\": [\n \"x\",\n\n {\"y\": 2}]}}");
  const Node& root = *trees->at(0).root();
  EXPECT_EQ(root.line, 2U);
  EXPECT_EQ(root.entries[0].line, 3U);
  const Node& a = *root.entries[0].value;
  EXPECT_EQ(a.entries[1].line, 4U);
  const Node& c = *a.entries[1].value;
  EXPECT_EQ(c.entries[0].line, 5U);
  EXPECT_EQ(c.entries[1].line, 7U);
}

TEST(Yaml, AnAliasStandsForItsAnchor) {
  EXPECT_EQ(yaml("a: &x {b: [1]}\nc: *x\n"), yaml("a: {b: [1]}\nc: {b: [1]}\n"));
  EXPECT_EQ(yaml("a: &x 1\nb: &x 2\nc: *x\n"), yaml("a: 1\nb: 2\nc: 2\n"));
}

TEST(Yaml, MergeKeysAddWhatTheMapDoesNotHave) {
  EXPECT_EQ(yaml("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n"), yaml("a: {b: 1, c: 2}\nd: {b: 1, c: 3}\n"));
  EXPECT_EQ(yaml("a: {<<: [{b: 1}, {b: 2, c: 3}]}\n"), yaml("a: {b: 1, c: 3}\n"));
  EXPECT_EQ(yaml_mistake("a: 1\nb:\n  <<: 5\n").line, 3U);
}

TEST(Yaml, AQuotedMergeKeyIsAnOrdinaryOne) { EXPECT_NE(yaml("\"<<\": {b: 1}\n"), yaml("b: 1\n")); }

TEST(Yaml, AKeyTwiceIsAMistakeWithBothLines) {
  const Mistake mistake = yaml_mistake("a:\n  b: 1\n  c: 2\n  b: 3\n");
  EXPECT_EQ(mistake.line, 4U);
  EXPECT_EQ(mistake.message, "the key \"b\" is there already, in line 2");
}

TEST(Json, AKeyTwiceIsAMistakeWithBothLines) {
  const Mistake mistake = json_mistake("{\"a\": 1,\n\"a\": 2}");
  EXPECT_EQ(mistake.line, 2U);
  EXPECT_EQ(mistake.message, "the key \"a\" is there already, in line 1");
}

TEST(Yaml, MistakesHaveTheirLine) {
  EXPECT_EQ(yaml_mistake("a: 1\nb: [1, 2\nc: 3\n").line, 3U);
  EXPECT_EQ(yaml_mistake("a: 1\n\tb: 2\n").line, 2U);
  EXPECT_EQ(yaml_mistake("a: 1\nb: *nowhere\n").message, "the alias *nowhere has no anchor before it");
  EXPECT_EQ(yaml_mistake("a: &x\n  b: *x\n").message, "the alias *x lies in what it stands for");
  EXPECT_EQ(yaml_mistake("a: 1\nb: !secret x\n").line, 2U);
  EXPECT_EQ(yaml_mistake("a: 1\nb: !!binary aGk=\n").line, 2U);
  EXPECT_EQ(yaml_mistake("a: 1\n? [b]\n: c\n").message, "a key must be a text");
  EXPECT_EQ(yaml_mistake("a: 1\nb: \xFF\xFE\n").line, 2U);
}

TEST(Json, MistakesHaveTheirLine) {
  EXPECT_EQ(json_mistake("{\"a\": 1,\n \"b\": tru}").line, 2U);
  EXPECT_EQ(json_mistake("{\"a\": 1,\n \"b\": 01}").line, 2U);
  for (const char* text : {"{",
                           "[",
                           "{\"a\"}",
                           "{\"a\":}",
                           "[1,]",
                           "[1 2]",
                           "{\"a\":1,}",
                           "{} {}",
                           "{}]",
                           "[1]x",
                           "nul",
                           "7",
                           "\"text\"",
                           "{\"a\": nulll}",
                           "{\"a\": \"\xFF\"}",
                           "{\"a\": \"line\nbreak\"}",
                           "{'a': 1}",
                           "[null\x1A]",
                           "{\"a\": [null\x0C\n]}",
                           "[true\x1A]",
                           "{\"a\": 1\x1A}"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(Yaml, BillionLaughsAreStoppedByTheCap) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 10; ++level) {
    const std::string below = "*a" + std::to_string(level - 1);
    text += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
    for (int times = 0; times < 10; ++times) text += (times == 0 ? "" : ", ") + below;
    text += "]\n";
  }
  const Mistake mistake = yaml_mistake(text);
  EXPECT_EQ(mistake.line, 6U);
  EXPECT_NE(mistake.message.find("more than 1000000 values"), std::string::npos);
}

TEST(Yaml, AnAliasOfALongTextIsNotCheap) {
  std::string text = "a: &a \"" + std::string(1'000'000, 'x') + "\"\nb:\n";
  for (int times = 0; times < 100; ++times) text += "- *a\n";
  EXPECT_NE(yaml_mistake(text).message.find("more than 1000000 values"), std::string::npos);
}

TEST(Tree, DepthIsCapped) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(parse_yaml(nested(max_depth)));
  EXPECT_TRUE(parse_json(nested(max_depth)));
  EXPECT_FALSE(parse_yaml(nested(max_depth + 1)));
  EXPECT_FALSE(parse_json(nested(max_depth + 1)));
  EXPECT_FALSE(parse_yaml(nested(100'000)));
  EXPECT_FALSE(parse_json(nested(100'000)));
}

TEST(Yaml, AliasesCannotGoRoundTheDepthCap) {
  std::string text = "a0: &a0 [x]\n";
  for (int level = 1; level < 80; ++level) {
    text += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [*a" + std::to_string(level - 1) + "]\n";
  }
  EXPECT_NE(yaml_mistake(text).message.find("nested deeper"), std::string::npos);
}

TEST(Tree, SizesAreCapped) {
  EXPECT_FALSE(parse_yaml(std::string(max_file_bytes + 1, '#')));
  EXPECT_FALSE(parse_json(std::string(max_file_bytes + 1, ' ')));
  const std::string key(max_key_bytes + 1, 'k');
  EXPECT_FALSE(parse_json("{\"" + key + "\": 1}"));
}

TEST(Tree, MistakesDoNotQuoteValues) {
  EXPECT_EQ(json_mistake("{\"a\": hunter2}").message.find("hunter2"), std::string::npos);
  EXPECT_EQ(yaml_mistake("a: \"hunter2\n").message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::kube
