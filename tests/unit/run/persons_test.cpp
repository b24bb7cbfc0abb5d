// Persons of chat tools and our own people, over a real store: binding by the evidence table, employees by
// table, names that exist twice, handovers.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "hub/run/binding.hpp"
#include "hub/run/changed.hpp"
#include "hub/run/chat_notes.hpp"
#include "hub/run/employees.hpp"
#include "hub/run/messages.hpp"
#include "hub/run/relations.hpp"
#include "hub/run/state_tag.hpp"

namespace huiliu::run {
namespace {

namespace fs = std::filesystem;
using model::Value;

class NoProjection final : public sync::Projection {
 public:
  Result project(const std::string&, const std::string&, model::FieldIndex, const model::FieldValue& golden,
                 sync::Repository&) const override {
    return {Result::Kind::shows, golden, {}};
  }
};

class FixedClock final : public Clock {
 public:
  model::Micros now() const override { return at; }
  model::Micros at = *model::parse_rfc3339("2026-03-02T04:00:00Z");
};

class Persons : public testing::Test {
 protected:
  Persons() {
    const config::Loaded shipped = config::load({{}, std::string(HUILIU_SOURCE_DIR) + "/config"});
    config = *shipped.config;
    std::string name = (fs::temp_directory_path() / "huiliu-persons-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
    add("crm", "crm");
    add("chat", "chat");
    rules.schema = &config.schema;
    rules.connections["hub"].name = "hub";
    auto opened =
        store::open_store("sqlite:" + (directory / "s.db").string(), config.schema, store::OpenMode::owner);
    EXPECT_TRUE(opened.ok()) << opened.error().text();
    store = std::move(*opened);
    workspace.config = &config;
    workspace.rules = &rules;
    workspace.engine = &engine;
    workspace.store = store.get();
    workspace.clock = &clock;
    workspace.random = &random;
  }
  ~Persons() override {
    store.reset();
    fs::remove_all(directory);
  }

  void add(const std::string& name, const std::string& role) {
    sync::ConnectionRules& connection = rules.connections[name];
    connection.name = name;
    connection.role = role;
    for (const char* entity : {"customer", "contact", "employee"}) {
      sync::StreamRules& stream = connection.streams[entity];
      stream.stream = stream.entity = entity;
      const model::Entity& of = *config.schema.find(entity);
      for (std::size_t i = 0; i < of.fields.size(); ++i)
        stream.rights[static_cast<model::FieldIndex>(i)] = sync::Right::shared;
    }
  }

  std::string see(const std::string& connection, const std::string& entity, const std::string& key,
                  const std::map<std::string, std::string>& fields) {
    std::string golden;
    EXPECT_TRUE(store
                    ->write([&](store::Transaction& transaction) -> model::Status {
                      golden = see(transaction, connection, entity, key, fields);
                      return {};
                    })
                    .ok());
    return golden;
  }

  std::string see(store::Transaction& transaction, const std::string& connection, const std::string& entity,
                  const std::string& key, const std::map<std::string, std::string>& fields) {
    clock.at += model::second;
    sync::Observation seen;
    seen.ref = {connection, entity, key};
    seen.entity = seen.image.entity = entity;
    seen.read_started = clock.at;
    seen.mapping_version = "m";
    model::Object raw;
    const model::Entity& of = *config.schema.find(entity);
    for (const auto& [name, text] : fields) {
      const model::FieldIndex index = of.index_of(name);
      const bool reference = of.fields[index].type == "reference";
      seen.image.fields[index] = reference ? model::FieldValue{model::Presence::value, Value(text), text}
                                           : *mapping::field_value(of.fields[index], Value(text));
      raw.set(name, text);
    }
    seen.raw = model::to_json(Value(raw));
    return engine.ingest(transaction, seen, clock.at).golden;
  }
  template <class Look>
  void read(Look look) {
    EXPECT_TRUE(store
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      look(snapshot);
                      return {};
                    })
                    .ok());
  }
  std::string surviving(const std::string& id) {
    std::string now;
    read([&](store::Snapshot& snapshot) { now = snapshot.resolve(id); });
    return now;
  }
  std::string value(const std::string& golden, const std::string& field) {
    std::string text;
    read([&](store::Snapshot& snapshot) {
      const auto found = snapshot.load_golden(snapshot.resolve(golden));
      const model::Entity& entity = *config.schema.find(found->entity);
      const auto of = found->fields.find(entity.index_of(field));
      if (of == found->fields.end()) return;
      const Value& said = of->second.value.value;
      text = said.is_array() ? model::to_json(said) : said.to_text();
    });
    return text;
  }
  std::vector<OutboxMessage> messages(const std::string& kind) {
    std::vector<OutboxMessage> found;
    read([&](store::Snapshot& snapshot) { found = list_messages(snapshot); });
    std::erase_if(found, [&](const OutboxMessage& message) { return message.kind != kind; });
    return found;
  }
  std::vector<sync::Review> reviews() {
    std::vector<sync::Review> open;
    read([&](store::Snapshot& snapshot) { open = snapshot.list_reviews({}, {}); });
    return open;
  }

  config::Config config;
  fs::path directory;
  sync::Rules rules;
  NoProjection projection;
  model::SeededRandom random{5};
  sync::Engine engine{rules, projection, random};
  std::unique_ptr<store::Store> store;
  FixedClock clock;
  Workspace workspace;
};

class Binding : public Persons {
 protected:
  Binding() {
    customer =
        see("crm", "customer", "1", {{"names.legal", "苏州云桥阀门有限公司"}, {"names.short", "云桥阀门"}});
    contact = see("crm", "contact", "1",
                  {{"name", "李雷"}, {"phones[mobile]", "13800001111"}, {"employer", customer}});
  }
  std::string customer, contact;
};

TEST_F(Binding, MobileAndCompanyTogetherLink) {
  const std::string person =
      see("chat", "contact", "wx1",
          {{"name", "雷子"}, {"phones[mobile]", "13800001111"}, {"company_name", "云桥阀门"}});
  ASSERT_NE(person, contact);
  ASSERT_TRUE(bind_chat_persons(workspace).ok());
  EXPECT_EQ(surviving(person), contact);
}

TEST_F(Binding, AMobileAloneIsProposed) {
  const std::string person =
      see("chat", "contact", "wx1", {{"name", "雷子"}, {"phones[mobile]", "13800001111"}});
  ASSERT_TRUE(bind_chat_persons(workspace).ok());
  ASSERT_TRUE(bind_chat_persons(workspace).ok());
  EXPECT_EQ(surviving(person), person);
  const auto open = reviews();
  ASSERT_EQ(open.size(), 1U) << "asked once";
  EXPECT_EQ(open[0].kind, sync::ReviewKind::duplicate);
  EXPECT_EQ(open[0].evidence["other"].to_text(), contact);
}

TEST_F(Binding, TheLegalNameOfOneCustomerIsProposedAndBoundInOneStep) {
  const std::string person =
      see("chat", "contact", "wx2", {{"name", "小韩"}, {"company_name", "苏州云桥阀门有限责任公司"}});
  ASSERT_TRUE(bind_chat_persons(workspace).ok());
  const auto open = reviews();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].field, "employer");
  ASSERT_TRUE(store
                  ->write([&](store::Transaction& transaction) {
                    return engine.decide(transaction, open[0].id, "approve", "", "li", clock.at);
                  })
                  .ok());
  read([&](store::Snapshot& snapshot) {
    const model::Entity& entity = *config.schema.find("contact");
    EXPECT_EQ(snapshot.load_golden(person)->fields.at(entity.index_of("employer")).value.value.to_text(),
              customer);
    EXPECT_TRUE(unbound_view(config, rules, snapshot).empty());
  });
}

TEST_F(Binding, ANicknameAloneSaysNothing) {
  see("chat", "contact", "wx3", {{"name", "李雷"}});
  see("chat", "contact", "wx4", {{"name", "快递"}, {"phones[mobile]", "13900009999"}});
  ASSERT_TRUE(bind_chat_persons(workspace).ok());
  EXPECT_TRUE(reviews().empty());
  read([&](store::Snapshot& snapshot) { EXPECT_EQ(unbound_view(config, rules, snapshot).size(), 2U); });
}

TEST_F(Binding, APersonsWordBindsToAContactOrACustomer) {
  const std::string person = see("chat", "contact", "wx5", {{"name", "某人"}});
  const auto bind = [&](const std::string& who, const std::string& to) {
    return store->write(
        [&](store::Transaction& transaction) { return bind_person(workspace, transaction, who, to, "li"); });
  };
  EXPECT_FALSE(bind("chat/contact/none", contact).ok());
  EXPECT_FALSE(bind(person, "cus_none").ok());
  ASSERT_TRUE(bind("chat/contact/wx5", contact).ok());
  EXPECT_EQ(surviving(person), contact);
}

TEST_F(Binding, WhoFollowsThePersonIsAskedThroughTheChatTool) {
  const std::string seller = see("chat", "employee", "wm", {{"name", "王敏"}, {"job_number", "E1007"}});
  rules.connections["chat"].streams["contact"].rights[config.schema.find("contact")->index_of("follower")] =
      sync::Right::ignore;
  const std::string person = see("chat", "contact", "wx1",
                                 {{"name", "雷子"}, {"phones[mobile]", "13800001111"}, {"follower", seller}});
  ASSERT_TRUE(bind_chat_persons(workspace).ok());
  ASSERT_TRUE(tell_new_reviews(workspace).ok());
  ASSERT_TRUE(tell_new_reviews(workspace).ok());
  const auto told = messages("binding");
  ASSERT_EQ(told.size(), 1U) << "once";
  EXPECT_EQ(told[0].employee, seller);
  EXPECT_EQ(told[0].via, "chat");
  EXPECT_NE(told[0].text.find("huiliu contact bind " + person + " " + contact), std::string::npos)
      << told[0].text;
}

// The company goes where none stands, the tags follow the customer, what a person typed stays.
class ChatNotes : public Binding {
 protected:
  ChatNotes() {
    right("company_name", sync::Right::fill);
    right("tags", sync::Right::shared);
    rules.policies[{"contact", config.schema.find("contact")->index_of("tags")}].policy =
        sync::Policy::union_of_elements;
  }
  void right(const char* field, sync::Right right) {
    rules.connections["chat"].streams["contact"].rights[config.schema.find("contact")->index_of(field)] =
        right;
  }
  void bind(const std::string& person) {
    ASSERT_TRUE(store
                    ->write([&](store::Transaction& transaction) {
                      return bind_person(workspace, transaction, person, contact, "li");
                    })
                    .ok());
    clock.at += model::second;
    ASSERT_TRUE(note_employers(workspace).ok());
  }
};

TEST_F(ChatNotes, TheCompanyIsSaidWhereTheChatToolHasNone) {
  bind(see("chat", "contact", "wx1", {{"name", "雷子"}, {"company_name", ""}}));
  EXPECT_EQ(value(contact, "company_name"), "苏州云桥阀门有限公司");
}

TEST_F(ChatNotes, ACompanyThatStandsThereStays) {
  bind(see("chat", "contact", "wx1", {{"name", "雷子"}, {"company_name", "云桥的老李"}}));
  EXPECT_EQ(value(contact, "company_name"), "云桥的老李");
}

TEST_F(ChatNotes, ALongNameGivesWayToTheShortOneAndIsNeverCut) {
  customer = see("crm", "customer", "1",
                 {{"names.legal", "云桥装备集团苏州工业园区高端阀门与流体控制技术研究院有限公司"},
                  {"names.short", "云桥研究院"}});
  bind(see("chat", "contact", "wx1", {{"name", "雷子"}, {"company_name", ""}}));
  EXPECT_EQ(value(contact, "company_name"), "云桥研究院");
}

TEST_F(ChatNotes, TagsFollowTheCustomerAndOthersStay) {
  see("crm", "customer", "1",
      {{"names.legal", "苏州云桥阀门有限公司"}, {"names.short", "云桥阀门"}, {"level", "A"}});
  bind(see("chat", "contact", "wx1", {{"name", "雷子"}, {"tags", "展会"}}));
  EXPECT_EQ(value(contact, "tags"), R"(["展会","客户级别：A"])");
  see("crm", "customer", "1",
      {{"names.legal", "苏州云桥阀门有限公司"}, {"names.short", "云桥阀门"}, {"level", "B"}});
  clock.at += model::second;
  ASSERT_TRUE(note_employers(workspace).ok());
  EXPECT_EQ(value(contact, "tags"), R"(["展会","客户级别：B"])");
  const std::size_t history = [&] {
    std::size_t entries = 0;
    read([&](store::Snapshot& snapshot) { entries = snapshot.history(contact).size(); });
    return entries;
  }();
  ASSERT_TRUE(note_employers(workspace).ok());
  read([&](store::Snapshot& snapshot) {
    EXPECT_EQ(snapshot.history(contact).size(), history) << "said once";
  });
}

TEST_F(ChatNotes, WhoStandsInNoChatToolIsLeftAlone) {
  ASSERT_TRUE(note_employers(workspace).ok());
  EXPECT_EQ(value(contact, "company_name"), "");
}

TEST_F(Persons, ABranchIsRelatedToItsCompanyWhicheverComesFirst) {
  const std::string early = see("crm", "customer", "b1", {{"names.legal", "苏州云桥阀门有限公司无锡分公司"}});
  ASSERT_TRUE(relate_branches(workspace).ok());
  EXPECT_EQ(value(early, "relations.branch_of"), "") << "nobody has the name before it";
  const std::string head = see("crm", "customer", "h", {{"names.legal", "苏州云桥阀门有限公司"}});
  const std::string late = see("crm", "customer", "b2", {{"names.legal", "苏州云桥阀门有限公司常州分公司"}});
  ASSERT_TRUE(relate_branches(workspace).ok());
  EXPECT_EQ(value(early, "relations.branch_of"), head);
  EXPECT_EQ(value(late, "relations.branch_of"), head);
  EXPECT_EQ(value(head, "relations.branch_of"), "");
  // A person says otherwise, and is not overruled.
  ASSERT_TRUE(store
                  ->write([&](store::Transaction& transaction) {
                    return engine.edit(transaction, late, "relations.branch_of",
                                       {model::Presence::cleared, {}, {}}, "chen", clock.at += model::second);
                  })
                  .ok());
  ASSERT_TRUE(relate_branches(workspace).ok());
  EXPECT_EQ(value(late, "relations.branch_of"), "");
}

// A possible duplicate that nobody has decided about keeps its own record for a while.
TEST_F(Persons, OfSeveralOfOneNameABranchBelongsToTheOneInTheErp) {
  add("erp", "erp");
  see("crm", "customer", "d1", {{"names.legal", "苏州云桥阀门有限公司"}});
  const std::string branch =
      see("crm", "customer", "b1", {{"names.legal", "苏州云桥阀门有限公司无锡分公司"}});
  see("chat", "customer", "d2", {{"names.legal", "苏州云桥阀门有限公司"}});
  ASSERT_TRUE(relate_branches(workspace).ok());
  EXPECT_EQ(value(branch, "relations.branch_of"), "") << "two, and none of them in an ERP";
  const std::string head = see("erp", "customer", "h", {{"names.legal", "苏州云桥阀门有限公司"}});
  ASSERT_TRUE(relate_branches(workspace).ok());
  EXPECT_EQ(value(branch, "relations.branch_of"), head);
}

TEST_F(Persons, ACustomerWhomEveryOrganisationDisabledIsTaggedUntilHeIsInUseAgain) {
  rules.policies[{"customer", config.schema.find("customer")->index_of("tags")}].policy =
      sync::Policy::union_of_elements;
  const auto with_state = [&](const char* state) {
    const std::string id = see("crm", "customer", "1",
                               {{"names.legal", "苏州云桥阀门有限公司"}, {"tags", "展会"}, {"state", state}});
    clock.at += model::second;
    EXPECT_TRUE(mark_inactive(workspace).ok());
    return value(id, "tags");
  };
  EXPECT_EQ(with_state("active"), R"(["展会"])");
  EXPECT_EQ(with_state("inactive"), R"(["展会","ERP已停用"])");
  EXPECT_EQ(with_state("active"), R"(["展会"])");
}

TEST_F(Persons, ARuleVisitsEveryPageAndOneThatWasStoppedBeginsAgain) {
  constexpr std::size_t more_than_two_pages = 1100;
  const auto see_all = [&](store::Transaction& transaction) -> model::Status {
    for (std::size_t i = 0; i < more_than_two_pages; ++i)
      see(transaction, "crm", "customer", std::to_string(i),
          {{"names.legal", "苏州云桥" + std::to_string(i) + "号阀门有限公司"}});
    return {};
  };
  ASSERT_TRUE(store->write(see_all).ok());
  std::multiset<std::string> visited;
  std::size_t pages = 0, stop_after = 1;
  workspace.stopping = [&] { return pages >= stop_after; };
  const auto visit = [&](store::Transaction&, const auto& page, bool first_time) -> model::Status {
    ++pages;
    for (const sync::Golden& golden : page) visited.insert(golden.id);
    EXPECT_TRUE(first_time);
    return {};
  };
  ASSERT_TRUE(each_changed(workspace, "test", "customer", visit).ok());
  EXPECT_EQ(pages, 1U);
  EXPECT_LT(visited.size(), more_than_two_pages);
  visited.clear();
  stop_after = 100;
  ASSERT_TRUE(each_changed(workspace, "test", "customer", visit).ok());
  EXPECT_EQ(visited.size(), more_than_two_pages) << "each once, those of the first page too";
  EXPECT_EQ(std::set<std::string>(visited.begin(), visited.end()).size(), more_than_two_pages);
}

TEST_F(Persons, WhatOthersChangeBehindAPassIsVisitedTheNextTime) {
  std::vector<std::string> ids;
  const auto see_all = [&](store::Transaction& transaction) -> model::Status {
    for (std::size_t i = 0; i < 600; ++i)
      ids.push_back(see(transaction, "crm", "customer", std::to_string(i),
                        {{"names.legal", "苏州云桥" + std::to_string(i) + "号阀门有限公司"}}));
    return {};
  };
  ASSERT_TRUE(store->write(see_all).ok());
  std::sort(ids.begin(), ids.end());
  const auto rename = [&](store::Transaction& transaction, const std::string& id) {
    clock.at += model::second;
    return engine.edit(transaction, id, "names.short", {model::Presence::value, Value("云桥"), "云桥"}, "li",
                       clock.at);
  };
  bool behind = false;
  const auto others_write = [&](store::Transaction& transaction, const auto& page, bool) -> model::Status {
    if (page.front().id ==
        ids.front()) {  // while the first page is looked at, somebody changes one of the second
      HUILIU_TRY(rename(transaction, ids.front()));
      return rename(transaction, ids.back());
    }
    return {};
  };
  ASSERT_TRUE(each_changed(workspace, "test", "customer", others_write).ok());
  const auto look_again = [&](store::Transaction&, const auto& page, bool) -> model::Status {
    for (const sync::Golden& golden : page) behind = behind || golden.id == ids.front();
    return {};
  };
  ASSERT_TRUE(each_changed(workspace, "test", "customer", look_again).ok());
  EXPECT_TRUE(behind);
}

TEST_F(Persons, WhoAnswersForACustomerIsToldOnceThatHeIsDisabled) {
  const std::string owner = see("chat", "employee", "e1", {{"name", "王敏"}});
  const auto told = [&] {
    std::vector<std::string> people;
    read([&](store::Snapshot& snapshot) {
      for (const OutboxMessage& message : list_messages(snapshot))
        if (message.kind == "customer_disabled") people.push_back(message.employee + " " + message.customer);
    });
    return people;
  };
  const auto with_state = [&](const char* key, const char* name, const char* state) {
    const std::string id =
        see("crm", "customer", key, {{"names.legal", name}, {"owner", owner}, {"state", state}});
    clock.at += model::second;
    EXPECT_TRUE(mark_inactive(workspace).ok());
    EXPECT_TRUE(mark_inactive(workspace).ok());
    return id;
  };
  with_state("old", "无锡旧客户有限公司", "inactive");
  EXPECT_TRUE(told().empty()) << "he was disabled before the hub knew him";
  with_state("1", "苏州云桥阀门有限公司", "active");
  EXPECT_TRUE(told().empty());
  const std::string id = with_state("1", "苏州云桥阀门有限公司", "inactive");
  EXPECT_EQ(told(), std::vector<std::string>{owner + " " + id});
  with_state("1", "苏州云桥阀门有限公司", "active");
  EXPECT_EQ(told().size(), 1U);
  with_state("1", "苏州云桥阀门有限公司", "inactive");
  EXPECT_EQ(told().size(), 2U) << "once each time";
}

// What an address book inside a CRM says of a person is evidence like a messenger's.
TEST_F(Binding, APersonOfAnAddressBookIsBoundByTheSameEvidence) {
  sync::StreamRules& book = rules.connections["crm"].streams["book"];
  book.stream = "book";
  book.entity = "contact";
  book.role = "address_book";
  const model::Entity& of = *config.schema.find("contact");
  for (const char* field : {"name", "phones[mobile]", "company_name"})
    book.rights[of.index_of(field)] = sync::Right::receive;
  clock.at += model::second;
  sync::Observation seen;
  seen.ref = {"crm", "book", "x1"};
  seen.entity = seen.image.entity = "contact";
  seen.read_started = clock.at;
  seen.mapping_version = "m";
  for (const auto& [name, text] :
       {std::pair{"name", "雷子"}, {"phones[mobile]", "13800001111"}, {"company_name", "云桥阀门"}})
    seen.image.fields[of.index_of(name)] = *mapping::field_value(of.fields[of.index_of(name)], Value(text));
  seen.raw = "{}";
  std::string person;
  ASSERT_TRUE(store
                  ->write([&](store::Transaction& transaction) -> model::Status {
                    person = engine.ingest(transaction, seen, clock.at).golden;
                    return {};
                  })
                  .ok());
  ASSERT_TRUE(bind_chat_persons(workspace).ok());
  EXPECT_EQ(surviving(person), contact);
}

TEST_F(Persons, AManagerHearsOfWhoLeftWithCustomers) {
  const std::string boss =
      see("crm", "employee", "b", {{"name", "郑立群"}, {"department", "华东销售部"}, {"leads", "true"}});
  see("crm", "employee", "o", {{"name", "何美玲"}, {"department", "总部销售部"}, {"leads", "true"}});
  const std::string gone =
      see("crm", "employee", "a", {{"name", "赵强"}, {"job_number", "E1009"}, {"department", "华东销售部"}});
  see("crm", "customer", "1", {{"names.legal", "合肥锐麓自动化设备有限公司"}, {"owner", gone}});
  ASSERT_TRUE(tell_leavers(workspace).ok());
  EXPECT_TRUE(messages("handover").empty()) << "nobody left yet";
  see("crm", "employee", "a",
      {{"name", "赵强"}, {"job_number", "E1009"}, {"department", "华东销售部"}, {"state", "left"}});
  ASSERT_TRUE(tell_leavers(workspace).ok());
  ASSERT_TRUE(tell_leavers(workspace).ok());
  const auto told = messages("handover");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].employee, boss);
  EXPECT_NE(told[0].text.find("合肥锐麓自动化设备有限公司"), std::string::npos) << told[0].text;
  EXPECT_NE(told[0].text.find("huiliu employee handover " + gone), std::string::npos);
}

TEST_F(Persons, UnmappedSalespeopleAreToldToWhoCanMapThem) {
  config.hub.users["chen"] = {"chen", "陈工", {"steward"}, {}};
  config.hub.users["li"] = {"li", "李会计", {"finance"}, {}};
  const std::string reason = "业务员未对应 (not mapped): 王敏 has no account in erp; huiliu employee map";
  ASSERT_TRUE(tell_unmapped(workspace, {{reason, 3}}).ok());
  ASSERT_TRUE(tell_unmapped(workspace, {{reason, 4}}).ok());
  const auto told = messages("unmapped");
  ASSERT_EQ(told.size(), 1U) << "once, to him alone";
  EXPECT_EQ(told[0].to, "陈工");
  EXPECT_NE(told[0].text.find("3"), std::string::npos);
}

TEST_F(Persons, ANameThatExistsTwiceIsNamedAndNeverMatched) {
  const std::string one = see("crm", "employee", "a", {{"name", "王敏"}, {"job_number", "E1007"}});
  const std::string two = see("crm", "employee", "b", {{"name", "王敏"}, {"job_number", "E1008"}});
  const std::string chat = see("chat", "employee", "wm", {{"name", "王敏"}});
  EXPECT_NE(one, two);
  EXPECT_NE(chat, one);
  EXPECT_NE(chat, two);
  read([&](store::Snapshot& snapshot) {
    const auto twice = find_employee(config, snapshot, "王敏");
    ASSERT_FALSE(twice.ok());
    EXPECT_NE(twice.error().message.find("E1007"), std::string::npos);
    EXPECT_NE(twice.error().message.find("E1008"), std::string::npos);
    EXPECT_EQ(*find_employee(config, snapshot, "E1008"), two);
    EXPECT_FALSE(find_employee(config, snapshot, "nobody").ok());
  });
}

TEST_F(Persons, TheTableSaysWhoIsWhoWhicheverComesFirst) {
  const model::Entity& entity = *config.schema.find("employee");
  const std::string key = mapping::field_key(entity.fields[entity.index_of("job_number")], Value("E1007"));
  for (const char* account : {"wm", "wm2"}) {
    rules.said_numbers[{"chat", "employee", account}] = key;
    rules.said_accounts[key].push_back({"chat", "employee", account});
  }
  const std::string first = see("chat", "employee", "wm", {{"name", "小敏"}});
  const std::string known = see("crm", "employee", "a", {{"name", "王敏"}, {"job_number", "E1007"}});
  EXPECT_EQ(first, known);
  EXPECT_EQ(see("chat", "employee", "wm2", {{"name", "敏"}}), known);
}

TEST_F(Persons, LocalDaysFollowTheTimeZone) {
  EXPECT_EQ(*local_day("Asia/Shanghai", *model::parse_rfc3339("2026-03-02T15:59:00Z"), 0), "2026-03-02");
  EXPECT_EQ(*local_day("Asia/Shanghai", *model::parse_rfc3339("2026-03-02T16:00:00Z"), 0), "2026-03-03");
  EXPECT_EQ(*local_day("Asia/Shanghai", *model::parse_rfc3339("2026-02-28T00:00:00Z"), 1), "2026-03-01");
  EXPECT_FALSE(local_day("Nowhere", 0, 0).ok());
}

}  // namespace
}  // namespace huiliu::run
