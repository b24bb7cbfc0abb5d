// No personal value leaves without a purpose that the system receives and a basis that holds: under random
// edits, withdrawals and systems.
#include "hub/run/consent.hpp"

#include <gtest/gtest.h>

#include "tests/support/sanitized.hpp"
#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace consent_test {

using model::Object;
using model::Value;

// What the law of the matter says, written down a second time: may it leave?
bool may_leave(const std::string& purpose, const std::string& basis, bool person, bool handler,
               const std::optional<std::set<std::string>>& receives, const std::optional<bool>& said) {
  if (purpose.empty()) return false;
  if (receives && receives->count(purpose) == 0) return false;
  if (said.has_value()) return *said;
  if (basis == "consent") return false;
  return !(handler && person);
}

TEST(Purposes, EveryCombinationOfPurposeBasisRecipientAndConsentIsDecidedRightly) {
  FakeWorld world;
  int open = 0, shut = 0;
  for (const bool person : {false, true}) {
    model::Entity entity = *world.workspace.config->schema.find(person ? "contact" : "customer");
    const model::FieldIndex index = entity.index_of(person ? "phones[mobile]" : "phones[switchboard]");
    for (const std::string purpose : {"", "contract", "marketing"})
      for (const std::string basis : {"contract", "consent", "law"})
        for (const bool handler : {false, true})
          for (const auto& receives :
               {std::optional<std::set<std::string>>(), std::optional(std::set<std::string>{}),
                std::optional(std::set<std::string>{"contract"}),
                std::optional(std::set<std::string>{"contract", "marketing"})})
            for (const std::optional<bool> said :
                 {std::optional<bool>(), std::optional(true), std::optional(false)}) {
              entity.fields[index].purpose = purpose;
              entity.fields[index].basis = basis;
              ConsentBook book;
              const sync::GoldenId golden = person ? "con_1" : "cus_1";
              ASSERT_TRUE(world.workspace.store
                              ->write([&](store::Transaction& transaction) -> model::Status {
                                ConsentBook::forget(transaction, golden);
                                if (said)
                                  ConsentBook::record(transaction, {golden, purpose, *said, {}, "test", 1});
                                return book.load(transaction);
                              })
                              .ok());
              const bool leaves = book.why_withheld({handler, receives}, entity, index, golden).empty();
              EXPECT_EQ(leaves, may_leave(purpose, basis, person, handler, receives, said))
                  << entity.name << " purpose " << purpose << " basis " << basis << " handler " << handler
                  << " receives " << (receives ? std::to_string(receives->size()) : "all") << " said "
                  << (said ? (*said ? "yes" : "no") : "nothing");
              ++(leaves ? open : shut);
            }
  }
  EXPECT_GT(open, 20);
  EXPECT_GT(shut, 20);
}

struct Sent {
  std::string key, phone;
};

// The telephone numbers that came in since the last look.
std::vector<Sent> phones_written(FakeSystem& system) {
  std::vector<Sent> found;
  for (const std::string& line : system.written) {
    const std::size_t blank = line.find(' '), at = line.find(" Phone=");
    if (at == std::string::npos) continue;
    const std::string phone = line.substr(at + 7, line.find(' ', at + 7) - at - 7);
    if (!phone.empty()) found.push_back({line.substr(0, blank), phone});
  }
  system.written.clear();
  return found;
}

TEST(Purposes, NoPersonalValueLeavesWithoutOneInRandomWorlds) {
  int delivered = 0, shut_worlds = 0, withdrawn_kept = 0;
  for (std::uint64_t seed = 1; seed <= tests::worlds(12U); ++seed) {
    CountedDice dice(seed);
    const std::vector<std::string> sections = {"", "{purposes: [contract]}", "{purposes: []}",
                                               "{recipient: handler}",
                                               "{recipient: handler, purposes: [marketing]}"};
    std::vector<FakeConnection> connections;
    std::map<std::string, bool> receives;
    for (const auto& [name, role] :
         {std::pair("erp", "erp"), std::pair("crm", "crm"), std::pair("shop", "site")}) {
      FakeConnection connection{name, role};
      connection.brakes = "{changed: off, added: off}";
      connection.privacy = sections[dice.below(sections.size())];
      receives[name] = connection.privacy.find("[]") == std::string::npos &&
                       connection.privacy.find("marketing") == std::string::npos;
      shut_worlds += receives[name] ? 0 : 1;
      connections.push_back(connection);
    }
    FakeWorld world(connections);
    ConsentBook& book = world.consents();
    constexpr int companies = 6;
    world.add_companies(companies);
    std::map<std::string, bool> said;  // by golden id
    std::int64_t numbers = 0;
    for (int step = 0; step < 20; ++step) {
      const std::string system = connections[dice.below(3)].name,
                        key = std::to_string(1000 + dice.below(companies));
      if (step > 0 && dice.below(3) == 0) {  // somebody says yes or no
        const bool given = dice.below(2) == 0;
        ASSERT_TRUE(world.workspace.store
                        ->write([&](store::Transaction& transaction) -> model::Status {
                          const auto replica = transaction.load_replica({system, "customers", key});
                          if (!replica || replica->golden.empty()) return {};
                          const std::string golden = transaction.resolve(replica->golden);
                          said[golden] = given;
                          ConsentBook::record(transaction,
                                              {golden, "contract", given, {}, "test", world.clock.now()});
                          return book.load(transaction);
                        })
                        .ok());
      } else {
        world.system(system).set(
            key, "Phone",
            "0532-" + std::to_string(60'000'000 + seed * 1000 + static_cast<std::uint64_t>(++numbers)));
      }
      world.cycle();
      for (const FakeConnection& connection : connections)
        for (const Sent& sent : phones_written(world.system(connection.name))) {
          ++delivered;
          EXPECT_TRUE(receives[connection.name])
              << seed << ": " << connection.name << " receives no such thing";
          ASSERT_TRUE(
              world.workspace.store
                  ->read([&](store::Snapshot& snapshot) -> model::Status {
                    const auto replica = snapshot.load_replica({connection.name, "customers", sent.key});
                    const std::string golden = snapshot.resolve(replica->golden);
                    EXPECT_FALSE(said.count(golden) != 0 && !said.at(golden))
                        << seed << ": withdrawn, and still given to " << connection.name;
                    // Each of them stands in the ledger of deliveries.
                    const auto lines =
                        snapshot.list_audit({{}, "delivery", golden, model::unknown_time}, {{}, 500});
                    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                                            [&](const store::AuditEntry& line) {
                                              return line.detail["connection"].to_text() == connection.name &&
                                                     line.detail["record"].to_text() == sent.key;
                                            }))
                        << seed << ": " << connection.name << " " << sent.key << " was not noted";
                    return {};
                  })
                  .ok());
        }
    }
    withdrawn_kept += static_cast<int>(
        std::count_if(said.begin(), said.end(), [](const auto& one) { return !one.second; }));
  }
  EXPECT_GT(delivered, tests::worlds(40)) << "the test sees values leave";
  EXPECT_GT(shut_worlds, tests::worlds(5));
  EXPECT_GT(withdrawn_kept, tests::worlds(5)) << "and people who refused";
}

}  // namespace consent_test
}  // namespace huiliu::run::fakes
