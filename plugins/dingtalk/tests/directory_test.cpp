// Departments, employees, discovery and the check of a connection.
#include "plugins/dingtalk/tests/bench.hpp"

namespace dingtalk::tests {
namespace {

using model::ErrorClass;

void add_department(Bench& bench, std::int64_t id, const char* name, std::int64_t parent) {
  bench.locked([&] {
    bench.twin().load("departments", {{"dept_id", id}, {"name", name}, {"parent_id", parent}});
  });
}

void set_switch(Bench& bench, const char* body) {
  bench.locked([&] {
    huiliu::twin::HttpRequest request;
    request.method = "POST";
    request.path = "/switches";
    request.body = body;
    ASSERT_TRUE(bench.twin().control(request));
  });
}

void fill(Bench& bench) {
  add_department(bench, 50, "总部", 1);
  add_department(bench, 51, "华东销售部", 50);
  add_department(bench, 52, "财务部", 50);
  for (int i = 0; i < 230; ++i) bench.add_user("E2" + std::to_string(100 + i), 51);
  bench.locked([&] {
    bench.twin().load("employees",
                      {{"userid", "both"}, {"name", "两部门"}, {"dept_id_list", json::array{52, 51}}});
  });
}

TEST(Departments, AreWalkedLevelByLevel) {
  Bench bench;
  fill(bench);
  const Taken taken = bench.read("departments");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 3U);
  EXPECT_EQ(taken.text("51", "name"), "华东销售部");
  EXPECT_EQ(bench.calls("POST /topapi/v2/department/listsub"), 4U);
}

TEST(Employees, AreListedOnceThoughInTwoDepartments) {
  Bench bench;
  fill(bench);
  const Taken taken = bench.read("employees");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 234U);
  EXPECT_EQ(taken.emitted, 234U);
  EXPECT_EQ(taken.text("both", "department"), "财务部");
  EXPECT_EQ(taken.text("dtE2105", "job_number"), "E2105");
  EXPECT_EQ(taken.text("dtE2105", "phone"), "13900000000");
  EXPECT_EQ(taken.text("dtE2105", "extension.爱好"), "羽毛球");  // JSON in a string
  EXPECT_EQ(bench.calls("GET /gettoken"), 1U);
}

// The root is refused when the visible range leaves it out; the walk then starts from auth/scopes.
TEST(Employees, AreFoundBelowARootThatMayNotBeSeen) {
  Bench bench;
  fill(bench);
  set_switch(bench, R"({"hide_root":true})");
  const Taken taken = bench.read("employees");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 231U);  // those directly below the root are not visible
  EXPECT_EQ(bench.calls("GET /auth/scopes"), 1U);
}

// A field that the app may not see is absent: unknown, not empty.
TEST(Employees, WithoutThePermissionHaveNoMobile) {
  Bench bench;
  fill(bench);
  bench.locked([&] { bench.twin().gate().configure({{"deny_scopes", json::array{"fieldMobile"}}}); });
  const Taken taken = bench.read("employees");
  EXPECT_EQ(taken.text("dtE2105", "mobile"), "(none)");
  EXPECT_EQ(taken.text("dtE2105", "phone"), "(none)");
  EXPECT_EQ(taken.text("dtE2105", "name"), "员工E2105");
}

TEST(Employees, AreLookedUp) {
  Bench bench;
  fill(bench);
  const Taken taken = bench.lookup("employees", {"dtE2105", "left"});
  EXPECT_EQ(taken.text("dtE2105", "name"), "员工E2105");
  EXPECT_EQ(taken.deleted, std::vector<std::string>{"left"});
  const Taken departments = bench.lookup("departments", {"51", "77", "x"});
  EXPECT_EQ(departments.records.size(), 1U);
  EXPECT_EQ(departments.deleted.size(), 2U);
}

// A look after an event must not seem to be a change: both calls give the same body.
TEST(Directory, ALookShowsWhatTheListShows) {
  Bench bench;
  fill(bench);
  for (const char* stream : {"employees", "departments"}) {
    const Taken listed = bench.read(stream);
    std::vector<std::string> keys;
    for (const auto& [key, body] : listed.records)
      if (keys.size() < 20) keys.push_back(key);  // `both` is among them
    const Taken looked = bench.lookup(stream, keys);
    for (const std::string& key : keys)
      EXPECT_EQ(model::to_canonical_json(looked.records.at(key)),
                model::to_canonical_json(listed.records.at(key)))
          << stream;
  }
}

TEST(Employees, AreFoundByMobileOrUnionId) {
  Bench bench;
  bench.locked([&] {
    bench.twin().load("employees", {{"userid", "one"},
                                    {"unionid", "u-one"},
                                    {"name", "甲"},
                                    {"mobile", "13711112222"},
                                    {"dept_id_list", json::array{1}}});
  });
  EXPECT_EQ(bench.find("employees", {{"mobile", "13711112222"}}).records.count("one"), 1U);
  EXPECT_EQ(bench.find("employees", {{"unionid", "u-one"}}).records.count("one"), 1U);
  EXPECT_TRUE(bench.find("employees", {{"mobile", "13700000000"}}).records.empty());
  EXPECT_EQ(bench.find("employees", {{"name", "甲"}}).status.error().error_class, ErrorClass::unsupported);
}

// Inside error 88 of the old API.
TEST(Employees, RenewARefusedToken) {
  Bench bench;
  fill(bench);
  bench.read("employees");
  bench.locked([&] { bench.twin().expire_tokens(); });
  const Taken taken = bench.read("employees");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(bench.calls("GET /gettoken"), 2U);
}

TEST(Employees, WithoutTheScopeNameIt) {
  Bench bench;
  bench.locked([&] {
    bench.twin().gate().configure({{"deny_scopes", json::array{"qyapi_get_department_list"}}});
  });
  const Taken taken = bench.read("employees");
  EXPECT_EQ(taken.status.error().error_class, ErrorClass::config);
  EXPECT_EQ(taken.status.error().code, "60011");
  EXPECT_NE(taken.status.error().message.find("qyapi_get_department_list"), std::string::npos);
}

TEST(Check, PassesWhenAllIsRight) {
  Bench bench;
  const model::Status status = bench.connector().check();
  EXPECT_TRUE(status.ok()) << status.error().text();
}

TEST(Check, NamesTheSettingWhoseFieldTheFormLacks) {
  Bench bench;
  bench.settings["fields"] = {{"uscc", "TextField-NOTHERE"}};
  const model::Status status = bench.connector().check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, ErrorClass::config);
  EXPECT_NE(status.error().where.find("/fields/uscc"), std::string::npos) << status.error().text();
}

TEST(Discover, ShowsTheFormsFieldsByLabel) {
  Bench bench;
  bench.settings["fields"] = {{"uscc", "TextField-HL2USCC"}};
  const auto found = bench.connector().discover();
  ASSERT_TRUE(found.ok()) << found.error().text();
  const auto streams = host::parse_streams(*found);
  ASSERT_TRUE(streams.ok()) << streams.error().text();
  const Value& customers = (*found)["streams"].as_array().front();
  EXPECT_EQ(customers["fields"]["custom.uscc"]["label"]["zh"].to_text(), "统一社会信用代码");
  EXPECT_EQ(customers["fields"]["data.TextField-HL5PHONE"]["label"]["zh"].to_text(), "公司电话");
  EXPECT_EQ(customers["natural_keys"].as_array().front().to_text(), "data.customer_name");
  EXPECT_EQ(streams->size(), 11U);
}

}  // namespace
}  // namespace dingtalk::tests
