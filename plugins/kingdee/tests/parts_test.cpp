// Local time, settings, cursor, values, packages: the pure parts of the connector.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "plugins/kingdee/src/cursor.hpp"
#include "plugins/kingdee/src/forms.hpp"
#include "plugins/kingdee/src/groups.hpp"
#include "plugins/kingdee/src/local_time.hpp"
#include "plugins/kingdee/src/package.hpp"
#include "plugins/kingdee/src/settings.hpp"
#include "plugins/kingdee/src/table.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr std::string_view minimal =
    R"({"base_url":"http://127.0.0.1:1/K3Cloud","acct_id":"a","user_name":"u","app_id":"x_y"})";

json::object object(std::string_view text) { return json::parse(text).as_object(); }

TEST(LocalTime, SiteTimesAreEightHoursAhead) {
  const SiteZone zone = *SiteZone::parse("Asia/Shanghai");
  EXPECT_EQ(zone.local_text(1'717'200'000), "2024-06-01 08:00:00");
  EXPECT_EQ(zone.unix_seconds("2024-06-01T08:00:00"), 1'717'200'000);
  EXPECT_EQ(zone.unix_seconds("2024-06-01T08:00:00.123"), 1'717'200'000);
  EXPECT_EQ(zone.unix_seconds("2024-06-01 08:00:00"), 1'717'200'000);
  EXPECT_EQ(zone.unix_seconds("2024-02-30T08:00:00"), std::nullopt);
  EXPECT_EQ(zone.unix_seconds("junk"), std::nullopt);
}

TEST(LocalTime, ZonesByNameAndDistance) {
  EXPECT_EQ(SiteZone::parse("+05:30")->local_text(0), "1970-01-01 05:30:00");
  EXPECT_EQ(SiteZone::parse("-01:00")->local_text(0), "1969-12-31 23:00:00");
  EXPECT_FALSE(SiteZone::parse("Europe/Berlin"));
  EXPECT_FALSE(SiteZone::parse("+8"));
}

TEST(LocalTime, DateHeader) {
  EXPECT_EQ(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(http_date("yesterday"), std::nullopt);
  EXPECT_EQ(http_date("Sun, 06 Xxx 1994 08:49:37 GMT"), std::nullopt);
}

TEST(Settings, JoinsTheUrlWithOneSlashAndKeepsItsCase) {
  const Settings plain = Settings::parse(minimal);
  EXPECT_EQ(plain.url_of("S.Save"), "http://127.0.0.1:1/K3Cloud/S.Save.common.kdsvc");
  const Settings slashed = Settings::parse(
      R"({"base_url":"http://127.0.0.1:1/K3Cloud//","acct_id":"a","user_name":"u","app_id":"x_y","org_num":""})");
  EXPECT_EQ(slashed.url_of("S.Save"), plain.url_of("S.Save"));
  EXPECT_EQ(slashed.org_num, "0");
}

TEST(Settings, NamesWhatIsWrong) {
  const auto pointer_of = [](std::string_view text) {
    try {
      Settings::parse(text);
    } catch (const huiliu::Failure& failure) {
      EXPECT_EQ(failure.status, HUILIU_CONFIG);
      return failure.pointer;
    }
    return std::string("accepted");
  };
  EXPECT_EQ(pointer_of(R"({"acct_id":"a"})"), "/base_url");
  EXPECT_EQ(pointer_of(R"({"base_url":"ftp://x","acct_id":"a","user_name":"u"})"), "/base_url");
  EXPECT_EQ(pointer_of(R"({"base_url":"http://x","acct_id":"a","user_name":"u"})"), "/app_id");
  EXPECT_EQ(pointer_of(R"({"base_url":"http://x","acct_id":"a","user_name":"u","auth":"validate_user"})"),
            "accepted");
  EXPECT_EQ(
      pointer_of(R"({"base_url":"http://x","acct_id":"a","user_name":"u","app_id":"x","time_zone":"Moon"})"),
      "/time_zone");
  EXPECT_EQ(
      pointer_of(R"({"base_url":"http://x","acct_id":"a","user_name":"u","app_id":"x","auth":"magic"})"),
      "/auth");
}

TEST(Cursor, RoundTripAndGarbage) {
  const Cursor cursor{Cursor::Phase::changes, 100, 200, 7};
  const auto back = Cursor::parse(cursor.text());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->from, 100);
  EXPECT_EQ(back->next, 200);
  EXPECT_EQ(back->after, 7);
  for (const char* bad : {"", "x", "{}", "[]", R"({"v":2,"phase":"full","from":1,"next":0,"after":0})",
                          R"({"v":1,"phase":"nap","from":1,"next":0,"after":0})",
                          R"({"v":1,"phase":"full","from":-1,"next":0,"after":0})"})
    EXPECT_FALSE(Cursor::parse(bad)) << bad;
}

TEST(Values, EmptyTextIsASpaceAndUnsetDatesAreOld) {
  EXPECT_EQ(decode(Kind::text, " "), json::value(""));
  EXPECT_EQ(decode(Kind::text, nullptr), json::value(""));
  EXPECT_EQ(decode(Kind::text, " a "), json::value(" a "));
  EXPECT_EQ(decode(Kind::text, 123), json::value("123"));
  EXPECT_EQ(decode(Kind::date, "1900-01-01T00:00:00"), json::value());
  EXPECT_EQ(decode(Kind::date, "0001-01-01T00:00:00"), json::value());
  EXPECT_EQ(decode(Kind::date, "2024-01-01T00:00:00"), json::value("2024-01-01T00:00:00"));
  EXPECT_EQ(decode(Kind::flag, "0"), json::value(false));
  EXPECT_EQ(decode(Kind::flag, "1"), json::value(true));
  EXPECT_EQ(decode(Kind::flag, true), json::value(true));
  EXPECT_EQ(decode(Kind::reference_id, 0), json::value());
  EXPECT_EQ(decode(Kind::id, "42"), json::value(42));
  EXPECT_EQ(decode(Kind::number, "0.1300000000"), json::value("0.1300000000"));
}

TEST(Values, QuotesAreDoubled) { EXPECT_EQ(literal("O'Neil's"), "'O''Neil''s'"); }

TEST(Tables, RowsWithAnotherNumberOfColumnsAreRefused) {
  EXPECT_THROW(Table::rows_of({{"A"}, {"B"}}, json::parse("[[1]]").as_array()), huiliu::DataError);
  EXPECT_THROW(Table::rows_of({{"A"}}, json::parse("[[1,2]]").as_array()), huiliu::DataError);
  EXPECT_THROW(Table::rows_of({{"A"}}, json::parse("[1]").as_array()), huiliu::DataError);
}

TEST(Tables, DropsAFieldByAnyOfItsNames) {
  const Settings settings = Settings::parse(minimal);
  Table table(*form_of("customers"), settings);
  EXPECT_TRUE(table.drop("FSELLER"));
  EXPECT_FALSE(table.has("FSELLER.FNumber"));
  EXPECT_FALSE(table.has("FSELLER.FName"));
  EXPECT_TRUE(table.drop("fsocialcrecode"));
  EXPECT_FALSE(table.has("FSOCIALCRECODE"));
  EXPECT_FALSE(table.drop("FNothing"));
  EXPECT_FALSE(table.drop("FCUSTID"));
  Table again(*form_of("customers"), settings);
  again.restore_dropped(table.dropped());
  EXPECT_FALSE(again.has("FSELLER.FNumber"));
  again.forget_dropped();
  EXPECT_TRUE(again.has("FSELLER.FNumber"));
}

TEST(Packages, ACreateIsInTheOrderThatTheProductWants) {
  const Settings settings = Settings::parse(
      R"({"base_url":"http://x","acct_id":"a","user_name":"u","app_id":"x","org_num":"100","external_id_field":"F_HLU_EXTID"})");
  const Table table(*form_of("customers"), settings);
  const RowChange change = create_package(
      table, settings,
      object(
          R"({"FTEL":"1","FSELLER":{"FNumber":"E1"},"FName":"甲","FT_BD_CUSTCONTACT":[{"FADDRESS1":"x"}]})"),
      "op1");
  std::vector<std::string> keys;
  for (const auto& member : change.fields) keys.emplace_back(member.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"FCreateOrgId", "FUseOrgId", "FTRADINGCURRID", "FName", "FTEL",
                                            "FSELLER", "F_HLU_EXTID", "FT_BD_CUSTCONTACT"}));
  EXPECT_EQ(change.fields.at("F_HLU_EXTID"), json::value("op1"));
}

TEST(Packages, ACreateWithoutOrganisationIsRefused) {
  const Settings settings = Settings::parse(minimal);
  const Table table(*form_of("customers"), settings);
  EXPECT_THROW(create_package(table, settings, object(R"({"FName":"甲"})"), ""), huiliu::DataError);
}

TEST(Packages, OnlyWhatDiffersGoesOut) {
  const Settings settings = Settings::parse(minimal);
  const Table table(*form_of("customers"), settings);
  const json::object current = object(
      R"({"FCUSTID":7,"FDocumentStatus":"C","FTEL":"1","FADDRESS":"","FSELLER":{"FNumber":"E1","FName":"王"},
          "organisations":[{"FCUSTID":7,"FUseOrgId":{"FNumber":"100"}},
                           {"FCUSTID":8,"FDocumentStatus":"A","FUseOrgId":{"FNumber":"200"},"FSELLER":{"FNumber":"E2"}}]})");
  auto changes = update_packages(table, settings, current,
                                 object(R"({"FTEL":"2","FADDRESS":null,"FSELLER":{"FNumber":"E1"}})"));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(json::serialize(changes[0].fields), R"({"FTEL":"2"})");
  EXPECT_TRUE(changes[0].listed);
  EXPECT_EQ(changes[0].status, "C");

  EXPECT_TRUE(update_packages(table, settings, current, object(R"({"FTEL":"1"})")).empty());

  changes = update_packages(
      table, settings, current,
      object(R"({"organisations":[{"FUseOrgId":{"FNumber":"200"},"FSELLER":{"FNumber":"E3"}}]})"));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].row, 8);
  EXPECT_FALSE(changes[0].listed);

  EXPECT_THROW(update_packages(table, settings, current, object(R"({"FCreateDate":"2024-01-01"})")),
               huiliu::DataError);
  EXPECT_THROW(update_packages(table, settings, current, object(R"({"FNumber":"C2"})")), huiliu::DataError);
  EXPECT_THROW(update_packages(table, settings, current, object(R"({"FFoo":"C2"})")), huiliu::DataError);
  changes = update_packages(table, settings, current,
                            object(R"({"organisations":[{"FUseOrgId":{"FNumber":"300"}}]})"));
  ASSERT_EQ(changes.size(), 1u) << "no row for it yet: an allocation of the head";
  EXPECT_EQ(changes[0].row, 7);
  EXPECT_EQ(changes[0].allocate, "300");
  changes = update_packages(
      table, settings, current,
      object(R"({"organisations":[{"FUseOrgId":{"FNumber":"300"},"FSELLER":{"FNumber":"E3"}}]})"));
  ASSERT_EQ(changes.size(), 1u) << "what the organisation keeps of its own goes with it";
  EXPECT_EQ(changes[0].allocate, "300");
  EXPECT_TRUE(changes[0].fields.contains("FSELLER"));
  EXPECT_THROW(update_packages(table, settings, current,
                               object(R"({"organisations":[{"FSELLER":{"FNumber":"E3"}}]})")),
               huiliu::DataError);
}

TEST(Packages, EntriesGoByTheirIds) {
  const Settings settings = Settings::parse(minimal);
  const Table table(*form_of("customers"), settings);
  const json::object current = object(
      R"({"FCUSTID":7,"FT_BD_CUSTCONTACT":[{"FEntryID":1,"FADDRESS1":"a","FTTel":"1"},{"FEntryID":2,"FADDRESS1":"b"}]})");
  const auto changes = update_packages(
      table, settings, current,
      object(
          R"({"FT_BD_CUSTCONTACT":[{"FEntryID":1,"FADDRESS1":"a","FTTel":"9"},{"FEntryID":2,"FADDRESS1":"b"},{"FADDRESS1":"c"}]})"));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(json::serialize(changes[0].fields),
            R"({"FT_BD_CUSTCONTACT":[{"FEntryID":1,"FTTel":"9"},{"FADDRESS1":"c"}]})");
  EXPECT_EQ(needed_fields(changes[0].fields),
            (std::vector<std::string>{"FT_BD_CUSTCONTACT", "FTTel", "FADDRESS1"}));
  EXPECT_TRUE(changes[0].listed);
}

TEST(Packages, NeverDeleteEntriesByAccident) {
  EXPECT_EQ(save_data({}, json::object()).at("IsDeleteEntry"), json::value("false"));
}

TEST(Forms, CatalogueAndManifestShowTheTableOfTheCode) {
  const auto file = [](const char* name) {
    std::ifstream in(std::string(HUILIU_SOURCE_DIR) + "/plugins/kingdee/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return json::parse(text.str());
  };
  const json::value catalogue = file("catalogue.json");
  for (const Form& form : all_forms()) {
    const json::value* entry = nullptr;
    for (const json::value& one : catalogue.at("forms").as_array())
      if (one.at("stream").as_string() == form.stream) entry = &one;
    ASSERT_NE(entry, nullptr) << form.stream;
    EXPECT_EQ(entry->at("form_id").as_string(), form.form_id);
    const json::array& fields = entry->at("fields").as_array();
    ASSERT_EQ(fields.size(), form.fields.size()) << form.stream;
    static constexpr const char* edits[] = {"never", "on_create", "unapproved", "listed"};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      EXPECT_EQ(fields[i].at("key").as_string(), form.fields[i].key);
      EXPECT_EQ(fields[i].at("edit").as_string(), edits[static_cast<int>(form.fields[i].edit)])
          << form.fields[i].key;
      EXPECT_FALSE(fields[i].at("zh").as_string().empty());
    }
  }
  const json::value manifest = file("manifest.json");
  for (const json::value& stream : manifest.at("streams").as_array()) {
    if (stream.at("name").as_string() == group_stream) continue;  // asked for by a call of its own
    const Form* form = form_of(stream.at("name").as_string());
    ASSERT_NE(form, nullptr);
    EXPECT_EQ(stream.at("key").as_string(), form->key_path());
    if (!form->writable) continue;
    const json::object& fields = stream.at("fields").as_object();
    for (const Field& field : form->fields) {
      const json::value* declared = fields.if_contains(field.key);
      ASSERT_EQ(declared != nullptr, field.edit != Edit::never) << field.key;
      if (declared == nullptr) continue;
      const std::string operations = json::serialize(declared->at("operations"));
      EXPECT_EQ(operations.find("update") != std::string::npos, field.edit == Edit::listed) << field.key;
    }
    for (const auto& field : fields) EXPECT_NE(form->field(field.key()), nullptr) << field.key();
  }
}

}  // namespace
}  // namespace kingdee
