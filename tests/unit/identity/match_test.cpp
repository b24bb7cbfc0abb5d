// Which records are the same: exact identifiers, names with one more agreement, vetoes.
#include "hub/identity/match.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "hub/normalize/normalize.hpp"

namespace huiliu::identity {
namespace {

class Match : public ::testing::Test {
 protected:
  Match() {
    schema_ = *model::Schema::load(
        {*model::parse_json(R"({"entity": "customer", "id_prefix": "cus", "fields": {
      "names.legal": {"type": "company_name"}, "names.short": {"type": "text"}, "identifiers.uscc": {"type": "uscc"},
      "identifiers.tax": {"type": "tax_no"}, "phones[switchboard]": {"type": "phone"}, "emails[general]": {"type": "email"},
      "website": {"type": "url"}, "address[registered]": {"type": "address", "multiplicity": "one"}}})"),
         *model::parse_json(R"({"entity": "contact", "id_prefix": "con", "fields": {
      "name": {"type": "person_name"}, "phones[mobile]": {"type": "phone"}, "email": {"type": "email"},
      "employer": {"type": "reference", "to": "customer"}}})"),
         *model::parse_json(R"({"entity": "employee", "id_prefix": "emp", "reference_data": true,
      "fields": {"name": {"type": "person_name"}, "job_number": {"type": "code"}, "phones[mobile]": {"type": "phone"},
      "email": {"type": "email"}, "department": {"type": "text"}}})")});
  }
  using Texts = std::map<std::string, std::string>;
  model::Image image(const std::string& entity, const Texts& texts) const {
    const auto* of = schema_.find(entity);
    model::Image out;
    out.entity = entity;
    for (const auto& [name, text] : texts) {
      const auto index = of->index_of(name);
      // Keys as mappings make them: those without a matching key begin with '='.
      std::string key = text;
      if (const auto kind = normalize::kind_from(of->fields[index].type))
        key = normalize::comparison_key(*kind, text);
      if (key.empty()) key = "=" + text;
      out.fields[index] = {model::Presence::value, model::Value(text), std::move(key)};
    }
    return out;
  }
  Evidence companies(const Texts& a, const Texts& b, const std::vector<Key>& hot = {}) const {
    const auto forth = compare(*schema_.find("customer"), image("customer", a), image("customer", b), hot);
    const auto back = compare(*schema_.find("customer"), image("customer", b), image("customer", a), hot);
    EXPECT_EQ(forth.verdict, back.verdict) << "not symmetric";
    EXPECT_EQ(forth.veto, back.veto);
    return forth;
  }
  Evidence people(const std::string& entity, const Texts& a, const Texts& b) const {
    return compare(*schema_.find(entity), image(entity, a), image(entity, b));
  }
  // Every verdict that links needs a common key, or it would never be found.
  bool found(const std::string& entity, const Texts& a, const Texts& b) const {
    const auto ours = keys_of(*schema_.find(entity), image(entity, a));
    const auto theirs = keys_of(*schema_.find(entity), image(entity, b));
    return std::any_of(ours.begin(), ours.end(), [&](const Key& key) {
      return std::find(theirs.begin(), theirs.end(), key) != theirs.end();
    });
  }
  model::Schema schema_;
  const std::string mindray = "91440300708461136T";
  const std::string huawei = "914403001922038216";
};

TEST_F(Match, CreditCodeLinks) {
  const Texts a = {{"names.legal", "深圳迈瑞生物医疗电子股份有限公司"}, {"identifiers.uscc", mindray}};
  const Texts b = {{"names.legal", "迈瑞医疗"}, {"identifiers.uscc", " 91440300 70846113 6T"}};
  EXPECT_EQ(companies(a, b).verdict, Verdict::same);
  EXPECT_TRUE(found("customer", a, b));
}

TEST_F(Match, OrganisationCodeInsideOldTaxNumberLinks) {
  const Texts a = {{"identifiers.uscc", mindray}};
  const Texts b = {{"identifiers.tax", "440301708461136"}};
  EXPECT_EQ(companies(a, b).verdict, Verdict::same);
  EXPECT_TRUE(found("customer", a, b));
}

TEST_F(Match, TwoValidCreditCodesAreAVeto) {
  const auto evidence = companies({{"names.legal", "华为技术有限公司"}, {"identifiers.uscc", mindray}},
                                  {{"names.legal", "华为技术有限公司"}, {"identifiers.uscc", huawei}});
  EXPECT_EQ(evidence.verdict, Verdict::different);
  EXPECT_TRUE(evidence.veto);
}

TEST_F(Match, LegalNameNeedsOneMoreAgreement) {
  const Texts name = {{"names.legal", "华为技术有限公司"}};
  EXPECT_EQ(companies(name, name).verdict, Verdict::possible);
  for (const auto& [field, text] : Texts{{"phones[switchboard]", "0755-28780808"},
                                         {"emails[general]", "info@huawei.com"},
                                         {"identifiers.tax", huawei}}) {
    Texts both = name;
    both[field] = text;
    EXPECT_EQ(companies(both, both).verdict, Verdict::same) << field;
  }
  EXPECT_EQ(companies({{"names.legal", "华为技术有限公司"}, {"emails[general]", "li@huawei.com"}},
                      {{"names.legal", "华为技术有限公司"}, {"website", "https://www.huawei.com/cn"}})
                .verdict,
            Verdict::same);
  EXPECT_EQ(companies({{"names.legal", "华为技术有限公司"}, {"emails[general]", "a@qq.com"}},
                      {{"names.legal", "华为技术有限公司"}, {"emails[general]", "b@qq.com"}})
                .verdict,
            Verdict::possible);
}

TEST_F(Match, SpellingsOfOneNameAreEqual) {
  EXPECT_EQ(companies({{"names.legal", "杭州海康威视数字技术股份有限公司"}},
                      {{"names.legal", "杭州海康威视数字技术股份有限公司 "}})
                .verdict,
            Verdict::possible);
}

TEST_F(Match, PhoneAloneNeverLinks) {
  const auto evidence =
      companies({{"names.legal", "华为技术有限公司"}, {"phones[switchboard]", "0755-28780808"}},
                {{"names.legal", "中兴通讯股份有限公司"}, {"phones[switchboard]", "0755-28780808"}});
  EXPECT_EQ(evidence.verdict, Verdict::different);
  EXPECT_FALSE(evidence.veto);
}

TEST_F(Match, HotValueIsNoEvidence) {
  const Texts both = {{"names.legal", "华为技术有限公司"}, {"phones[switchboard]", "0755-28780808"}};
  const auto keys = keys_of(*schema_.find("customer"), image("customer", both));
  const auto phone =
      std::find_if(keys.begin(), keys.end(), [](const Key& key) { return key.kind == "phone"; });
  ASSERT_NE(phone, keys.end());
  EXPECT_EQ(companies(both, both, {*phone}).verdict, Verdict::possible);
}

TEST_F(Match, BranchAndParentAreDifferent) {
  const auto evidence =
      companies({{"names.legal", "中国平安财产保险股份有限公司"}, {"identifiers.uscc", mindray}},
                {{"names.legal", "中国平安财产保险股份有限公司深圳分公司"}, {"identifiers.uscc", mindray}});
  EXPECT_EQ(evidence.verdict, Verdict::different);
  EXPECT_TRUE(evidence.veto);
}

TEST_F(Match, PersonsNeedMoreThanAMobile) {
  const Texts li = {{"name", "李明"}, {"phones[mobile]", "13800138000"}};
  EXPECT_EQ(people("contact", li, li).verdict, Verdict::same);
  EXPECT_TRUE(found("contact", li, li));
  EXPECT_EQ(people("contact", li, {{"name", "王芳"}, {"phones[mobile]", "13800138000"}}).verdict,
            Verdict::different);
  EXPECT_EQ(people("contact", {{"name", "李明"}}, {{"name", "李明"}}).verdict, Verdict::different);
}

TEST_F(Match, NameAtTheSameEmployer) {
  const Texts plain = {{"name", "李明"}, {"employer", "cus_1"}};
  EXPECT_EQ(people("contact", plain, plain).verdict, Verdict::same);
  EXPECT_TRUE(found("contact", plain, plain));
  EXPECT_EQ(people("contact", {{"name", "李明"}, {"employer", "cus_1"}, {"phones[mobile]", "13800138000"}},
                   {{"name", "李明"}, {"employer", "cus_1"}, {"phones[mobile]", "13900139000"}})
                .verdict,
            Verdict::possible);
  EXPECT_EQ(people("contact", plain, {{"name", "李明"}, {"employer", "cus_2"}}).verdict, Verdict::different);
}

TEST_F(Match, EmployeesByNumberNeverByNameAlone) {
  EXPECT_EQ(
      people("employee", {{"name", "王伟"}, {"job_number", "007"}}, {{"name", "王伟"}, {"job_number", "007"}})
          .verdict,
      Verdict::same);
  EXPECT_EQ(people("employee", {{"name", "王伟"}}, {{"name", "王伟"}}).verdict, Verdict::different);
  EXPECT_EQ(people("employee", {{"name", "王伟"}, {"department", "销售部"}},
                   {{"name", "王伟"}, {"department", "销售部"}})
                .verdict,
            Verdict::possible);
}

TEST_F(Match, MaskedNumbersAreNoEvidence) {
  const Texts masked = {{"name", "李明"}, {"phones[mobile]", "138****8000"}};
  EXPECT_EQ(people("contact", masked, masked).verdict, Verdict::different);
  EXPECT_TRUE(keys_of(*schema_.find("contact"), image("contact", masked)).empty());
}

}  // namespace
}  // namespace huiliu::identity
