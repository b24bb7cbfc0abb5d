// A changed mapping shows what it would do before it does it, and does exactly that.
#include "hub/run/mapping_effect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// The telephone numbers of the ERP are read with another area code.
constexpr const char* changed_text = R"json({"streams":{"customers":{"entity":"customer","key":"Id","lenses":[
  {"field":"names.legal","path":"Name","codec":"company_name","required":true,"create_needs":true},
  {"field":"identifiers.uscc","path":"Code","codec":"uscc"},
  {"field":"phones[switchboard]","path":"Phone","codec":"phone","in":"$replace(Phone, '0532-', '0531-')","out":"$"},
  {"field":"website","path":"Web","codec":"url"}]}}})json";

class Effect : public ::testing::Test {
 protected:
  Effect() {
    world.add_companies(6);
    world.settle();
    auto loaded = mapping::Mapping::load(*model::parse_json(changed_text), *world.workspace.rules->schema);
    EXPECT_TRUE(loaded.ok()) << loaded.error().text();
    mapping = std::make_unique<mapping::Mapping>(std::move(*loaded));
    changed = world.workspace;
    changed.mappings["erp"] = mapping.get();
    projection = std::make_unique<MappingProjection>(changed.mappings);
    engine = std::make_unique<sync::Engine>(*changed.rules, *projection, world.dice);
    changed.engine = engine.get();
  }
  MappingEffect effect_of(Workspace& other) {
    auto effect = mapping_effect(world.workspace, other, "erp");
    EXPECT_TRUE(effect.ok()) << effect.error().text();
    return effect.ok() ? std::move(*effect) : MappingEffect{};
  }

  FakeWorld world;
  std::unique_ptr<mapping::Mapping> mapping;
  std::unique_ptr<MappingProjection> projection;
  std::unique_ptr<sync::Engine> engine;
  Workspace changed;
};

TEST_F(Effect, TheSameMappingHasNone) {
  const MappingEffect effect = effect_of(world.workspace);
  EXPECT_EQ(effect.records, 6);
  EXPECT_EQ(effect.changed, 0);
  EXPECT_EQ(effect.customers, 0);
  EXPECT_THAT(effect.writes, IsEmpty());
}

TEST_F(Effect, IsShownAndNothingIsKept) {
  const MappingEffect effect = effect_of(changed);
  EXPECT_EQ(effect.changed, 6);
  EXPECT_THAT(effect.fields, SizeIs(1));
  EXPECT_EQ(effect.fields.begin()->first, "customers phones[switchboard]");
  EXPECT_EQ(effect.fields.begin()->second, 6);
  EXPECT_FALSE(effect.writes.empty());
  EXPECT_THAT(world.plan(), IsEmpty()) << "a trial changes nothing";
  const MappingEffect again = effect_of(changed);
  EXPECT_EQ(again.writes.size(), effect.writes.size());
  EXPECT_EQ(again.customers, effect.customers);
}

TEST_F(Effect, IsWhatHappensThen) {
  const MappingEffect effect = effect_of(changed);
  world.workspace.mappings["erp"] = mapping.get();
  world.workspace.engine = engine.get();
  for (const char* name : {"erp", "crm"}) world.system(name).written.clear();
  CycleOptions options;
  options.full = true;
  world.cycle(options);
  const std::size_t written = world.system("erp").written.size() + world.system("crm").written.size();
  EXPECT_EQ(written, effect.writes.size());
}

}  // namespace
}  // namespace huiliu::run::fakes
