#include <gtest/gtest.h>

#include <set>

#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/uscc.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

TEST(Uscc, ValidCodesOfEveryDepartment) {
  for (const char* code : {"9144030071526726XG", "91110000600037341L", "91350100M000100Y43",
                           "91310110666007217T", "121200004013590816", "N2330106MF12345X8F"}) {
    const Normalized result = normalize(Kind::uscc, code);
    EXPECT_TRUE(result.valid) << code;
    EXPECT_FALSE(has_error(result)) << code;
    EXPECT_EQ(result.value, code);
    EXPECT_EQ(part(result, "organisation_code"), std::string(code).substr(8, 9));
    EXPECT_EQ(part(result, "division_code"), std::string(code).substr(2, 6));
  }
  const Normalized result = normalize(Kind::uscc, "121200004013590816");
  EXPECT_EQ(part(result, "department"), "1");
  EXPECT_EQ(part(result, "kind"), "2");
  EXPECT_EQ(part(result, "kind_name"), "事业单位");
}

TEST(Uscc, SpellingDoesNotMatter) {
  for (const char* raw : {" 9144030071526726xg ", "９１４４０３００７１５２６７２６ＸＧ",
                          "9144 0300 7152 6726 XG", "914403-0071526726-XG"}) {
    const Normalized result = normalize(Kind::uscc, raw);
    EXPECT_EQ(result.value, "9144030071526726XG") << raw;
    EXPECT_TRUE(result.valid) << raw;
  }
}

TEST(Uscc, WrongCheckCharacterIsAnErrorWithRepair) {
  const Normalized result = normalize(Kind::uscc, "91110000600037341N");
  EXPECT_FALSE(result.valid);
  const Finding* check = finding(result, "check_digit");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->severity, Severity::error);
  EXPECT_NE(std::find(check->repair.begin(), check->repair.end(), "91110000600037341L"), check->repair.end());
  EXPECT_EQ(result.value, "91110000600037341N") << "repair is offered, never applied";
}

TEST(Uscc, LetterOutsideTheAlphabetIsRepaired) {
  const Normalized result = normalize(Kind::uscc, "9111000060003734IL");
  const Finding* alphabet = finding(result, "alphabet");
  ASSERT_NE(alphabet, nullptr);
  ASSERT_FALSE(alphabet->repair.empty());
  EXPECT_EQ(alphabet->repair[0], "91110000600037341L");
}

TEST(Uscc, SeventeenCharactersAndPaddedNumbers) {
  const Normalized seventeen = normalize(Kind::uscc, "9144030071526726X");
  const Finding* length = finding(seventeen, "length");
  ASSERT_NE(length, nullptr);
  EXPECT_NE(std::find(length->repair.begin(), length->repair.end(), "9144030071526726XG"),
            length->repair.end());
  const Normalized padded = normalize(Kind::uscc, "914403003196285000");
  EXPECT_FALSE(padded.valid);
  EXPECT_NE(finding(padded, "check_digit"), nullptr);
  EXPECT_NE(finding(padded, "organisation_check"), nullptr);
  EXPECT_NE(finding(padded, "padded"), nullptr);
}

TEST(Uscc, KnownExceptionsAreWarnings) {
  const Normalized fujian = normalize(Kind::uscc, "91350100M0000APH6W");
  EXPECT_TRUE(fujian.valid);
  ASSERT_NE(finding(fujian, "check_digit"), nullptr);
  EXPECT_EQ(finding(fujian, "check_digit")->severity, Severity::warning);
  // Development-zone offices and city offices: never an error.
  for (const char* division :
       {"440101", "320594", "610131", "310230", "330104", "330103", "110228", "999999"}) {
    std::string code = std::string("91") + division + "715267260";
    code[16] = organisation_check_character(code.substr(8, 8));
    code.push_back(uscc_check_character(code.substr(0, 17)));
    EXPECT_TRUE(normalize(Kind::uscc, code).valid) << code;
  }
}

TEST(Uscc, OrganisationCheckAloneIsAWarning) {
  std::string code = "91440300715267260";  // its check character is X
  code.push_back(uscc_check_character(code));
  const Normalized result = normalize(Kind::uscc, code);
  EXPECT_TRUE(result.valid);
  ASSERT_NE(finding(result, "organisation_check"), nullptr);
  EXPECT_EQ(finding(result, "organisation_check")->severity, Severity::warning);
}

TEST(Uscc, FindsEverySingleErrorAndEverySwap) {
  const std::string code = "91310110666007217T";
  for (std::size_t at = 0; at < code.size(); ++at) {
    for (const char c : kUsccAlphabet) {
      if (c == code[at]) continue;
      std::string wrong = code;
      wrong[at] = c;
      EXPECT_FALSE(uscc_check_holds(wrong)) << wrong;
    }
    if (at + 1 < code.size() && code[at] != code[at + 1]) {
      std::string wrong = code;
      std::swap(wrong[at], wrong[at + 1]);
      EXPECT_FALSE(uscc_check_holds(wrong)) << wrong;
    }
  }
}

TEST(Uscc, TheTrueCodeIsAmongTheRepairs) {
  const std::string code = "91110000600037341L";
  Dice dice(11);
  for (int round = 0; round < 200; ++round) {
    std::string wrong = code;
    const std::size_t at = dice.below(18);
    wrong[at] = kUsccAlphabet[dice.below(kUsccAlphabet.size())];
    if (wrong == code || !has_uscc_form(wrong)) continue;
    const auto repairs = uscc_repairs(wrong);
    EXPECT_NE(std::find(repairs.begin(), repairs.end(), code), repairs.end()) << wrong;
    EXPECT_LE(repairs.size(), 20U);
  }
}

TEST(TaxNo, ClassifiesByChecks) {
  EXPECT_EQ(part(normalize(Kind::tax_no, "9144030071526726XG"), "type"), "uscc");
  // 15 digits: 6-digit division + organisation code.
  const Normalized old = normalize(Kind::tax_no, "44030071526726X");
  EXPECT_EQ(part(old, "type"), "tax15");
  EXPECT_EQ(part(old, "organisation_code"), "71526726X");
  const Normalized uscc = normalize(Kind::uscc, "9144030071526726XG");
  EXPECT_EQ(part(old, "organisation_code"), part(uscc, "organisation_code")) << "the link to the credit code";
  const Normalized organisation = normalize(Kind::tax_no, "71526726-X");
  EXPECT_EQ(part(organisation, "type"), "organisation_code");
  EXPECT_EQ(organisation.value, "71526726X");
}

TEST(TaxNo, RegistrationNumbersHaveTheirOwnCheck) {
  std::string number = "44030110123456";
  number.push_back(registration_check_digit(number));
  ASSERT_TRUE(registration_check_holds(number));
  if (!organisation_check_holds(number.substr(6))) {
    EXPECT_EQ(part(normalize(Kind::tax_no, number), "type"), "registration");
  }
  EXPECT_EQ(part(normalize(Kind::tax_no, "4403011012345"), "type"), "registration");
}

TEST(TaxNo, SoleTradersNumbersArePersonalData) {
  for (const char* number : {"36042619910101007120", "360426199101010071"}) {
    const Normalized result = normalize(Kind::tax_no, number);
    EXPECT_EQ(part(result, "type"), "sole_trader") << number;
    EXPECT_NE(finding(result, "personal_data"), nullptr) << number;
  }
  EXPECT_EQ(part(normalize(Kind::tax_no, "5493000IBP32UQZ0KL24"), "type"), "lei");
}

TEST(TaxNo, Placeholders) {
  for (const char* number : {"000000000000000", "111111111111111", "123456789012345"}) {
    const Normalized result = normalize(Kind::tax_no, number);
    EXPECT_FALSE(result.valid) << number;
    EXPECT_NE(finding(result, "placeholder"), nullptr) << number;
  }
}

TEST(CheckDigits, Lei) {
  EXPECT_TRUE(lei_check_holds("5493000IBP32UQZ0KL24"));
  EXPECT_FALSE(lei_check_holds("5493000IBP32UQZ0KL25"));
}

TEST(ResidentId, ValidAndInvalid) {
  for (const char* id :
       {"11010519491231002X", "440524188001010014", "360426199101010071", "11010519491231002x"}) {
    EXPECT_TRUE(normalize(Kind::resident_id, id).valid) << id;
  }
  for (const char* id :
       {"11010519491231002Y", "110105194912310021", "110105194902310021", "1101051949", "abc"}) {
    EXPECT_FALSE(normalize(Kind::resident_id, id).valid) << id;
  }
}

TEST(ResidentId, PartsAndMask) {
  const Normalized result = normalize(Kind::resident_id, "11010519491231002X");
  EXPECT_EQ(part(result, "masked"), "110105********002X");
  EXPECT_EQ(part(result, "birth_date"), "1949-12-31");
  EXPECT_EQ(part(result, "sex"), "female");
  EXPECT_EQ(part(normalize(Kind::resident_id, "360426199101010071"), "sex"), "male");
}

TEST(ResidentId, FifteenDigitsAreTheSamePerson) {
  const Normalized old = normalize(Kind::resident_id, "110105491231002");
  EXPECT_EQ(old.value, "11010519491231002X");
  EXPECT_EQ(old.key, normalize(Kind::resident_id, "11010519491231002X").key);
  EXPECT_NE(finding(old, "first_generation"), nullptr);
}

TEST(ResidentId, PermitsAndForeigners) {
  std::string permit = "81000019900101001";
  permit.push_back(resident_check_character(permit));
  EXPECT_NE(finding(normalize(Kind::resident_id, permit), "residence_permit"), nullptr);
  EXPECT_TRUE(normalize(Kind::resident_id, permit).valid);
  std::string foreign = "91101019900101001";
  foreign.push_back(resident_check_character(foreign));
  EXPECT_TRUE(normalize(Kind::resident_id, foreign).valid);
}

TEST(ResidentId, FindingsNeverShowTheNumber) {
  const Normalized result = normalize(Kind::resident_id, "110105194912310021");
  for (const Finding& each : result.findings) EXPECT_EQ(each.message.find("1949"), std::string::npos);
}

}  // namespace
}  // namespace huiliu::normalize
