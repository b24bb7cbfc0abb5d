// The pure parts of the store: URLs, the text that people search, history as text, match keys as text.
#include <gtest/gtest.h>

#include "hub/store/history_codec.hpp"
#include "hub/store/search_text.hpp"
#include "hub/store/sqlite/replicas.hpp"
#include "hub/store/url.hpp"

namespace huiliu::store {
namespace {

TEST(StoreUrls, AreTakenApart) {
  const auto url = parse_store_url("sqlite:/data/a b?max_pages=5&x=");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->scheme, "sqlite");
  EXPECT_EQ(url->path, "/data/a b");
  EXPECT_EQ(url->number("max_pages", 1).value(), 5);
  EXPECT_EQ(url->number("other", 7).value(), 7);
  EXPECT_FALSE(url->number("x", 7).ok());
  for (const char* wrong :
       {"", "x", ":", "sqlite:", "sqlite:?a=1", "sqlite:p?a", "sqlite:p?=1", "sqlite:p?a=1&&b=2"})
    EXPECT_FALSE(parse_store_url(wrong).ok()) << wrong;
}

TEST(SearchText, RanksBeginningsFirst) {
  EXPECT_EQ(match_rank("深圳汇流\n0755", "汇流"), 1);
  EXPECT_EQ(match_rank("深圳汇流\n0755", "07"), 0);
  EXPECT_EQ(match_rank("深圳汇流\n0755", "深"), 0);
  EXPECT_EQ(match_rank("a\nb", "ab"), std::nullopt);
  EXPECT_EQ(match_rank("", "a"), std::nullopt);
  EXPECT_EQ(match_rank(std::string_view(), "a"), std::nullopt) << "what a store returns for an empty text";
  EXPECT_EQ(match_rank("a", ""), std::nullopt);
  EXPECT_EQ(match_rank("aab", "ab"), 1);
}

TEST(SearchText, NeedlesAreFolded) {
  EXPECT_EQ(search_needle("ＡＢＣ（上海）"), search_needle("abc (上海)"));
  EXPECT_EQ(search_needle("0755-2658 8888"), search_needle("075526588888"));
  EXPECT_EQ(search_needle(" 。、"), "");
  EXPECT_EQ(search_needle(""), "");
}

TEST(History, GarbageIsRefused) {
  std::vector<sync::HistoryEntry> entries(3);
  entries[0].field = "a";
  entries[1].field = "b";
  entries[2].field = "c";
  entries[2].rule = "other";
  const auto text = encode_history(entries);
  std::vector<sync::HistoryEntry> decoded;
  ASSERT_TRUE(decode_history(text, "cus_1", decoded).ok());
  ASSERT_EQ(decoded.size(), 3u);
  EXPECT_EQ(decoded[2].rule, "other");
  EXPECT_EQ(decoded[1].field, "b");
  EXPECT_EQ(decoded[0].golden, "cus_1");
  for (std::size_t size = 0; size < text.size(); ++size) {
    std::vector<sync::HistoryEntry> none;
    EXPECT_FALSE(decode_history(text.substr(0, size), "cus_1", none).ok()) << size;
  }
  for (const char* wrong : {"{}", "[1]", "[[1,2]]", "[[[],[]]]", "[[[1,2,3,4,5,6,7,8,9,10],[1]]]",
                            "[[[1,2,3,4,5,6,7,8,9,10],[[1]]]]"})
    EXPECT_FALSE(decode_history(wrong, "", decoded).ok()) << wrong;
  EXPECT_TRUE(decode_history(encode_history({}), "", decoded).ok());
}

TEST(MatchKeys, ComeBackWhole) {
  const std::vector<sync::MatchKey> keys = {{"name", "1:汇流"}, {"", ""}, {"a:b", std::string("3:x\0", 4)}};
  EXPECT_EQ(sqlite::decode_keys(sqlite::encode_keys(keys)), keys);
  for (const char* wrong : {"x", "5:abc", "1:a", ":", "99999999999999999999:a", "1:a3:b"})
    EXPECT_THROW(static_cast<void>(sqlite::decode_keys(wrong)), sync::StorageFailure) << wrong;
}

TEST(MatchKeys, HashesTellApart) {
  EXPECT_NE(sqlite::key_hash("customer", {"a", "bc"}), sqlite::key_hash("customer", {"ab", "c"}));
  EXPECT_NE(sqlite::key_hash("customer", {"a", "b"}), sqlite::key_hash("contact", {"a", "b"}));
}

}  // namespace
}  // namespace huiliu::store
