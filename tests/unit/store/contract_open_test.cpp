// Who may open a store, and what is refused; backup and restore.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/unit/store/contract.hpp"

namespace huiliu::store::fakes {

class StoreOpen : public StoreContract {
 protected:
  model::Error refusal(OpenMode mode = OpenMode::owner) const {
    auto opened = open_store(place_->url(), test_schema(), mode);
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? model::Error{} : opened.error();
  }
};

TEST_P(StoreOpen, OneOwnerAtATime) {
  const auto error = refusal();
  EXPECT_EQ(error.error_class, model::ErrorClass::config);
  EXPECT_NE(error.message.find(std::to_string(::getpid())), std::string::npos) << error.message;
  store_.reset();
  EXPECT_NE(open(), nullptr) << "it is free again";
}

TEST_P(StoreOpen, AnotherProcessIsNamedAndMayStillRead) {
  write([&](Transaction& t) { t.save_value("test", "a", "1"); });
  const auto owner = ::getpid();
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto second = open_store(place_->url(), test_schema(), OpenMode::owner);
    if (second.ok() || second.error().message.find(std::to_string(owner)) == std::string::npos) ::_exit(1);
    auto reader = open_store(place_->url(), test_schema(), OpenMode::reader);
    if (!reader.ok()) ::_exit(2);
    bool found = false;
    const auto status = (*reader)->read([&](Snapshot& s) {
      found = s.load_value("test", "a") == "1";
      return Status();
    });
    if (!status.ok() || !found) ::_exit(3);
    if ((*reader)->write([](Transaction&) { return Status(); }).ok()) ::_exit(4);
    ::_exit(0);
  }
  int ended = 0;
  ASSERT_EQ(::waitpid(child, &ended, 0), child);
  EXPECT_TRUE(WIFEXITED(ended));
  EXPECT_EQ(WEXITSTATUS(ended), 0);
  write([&](Transaction& t) { t.save_value("test", "a", "2"); });
}

TEST_P(StoreOpen, AReaderSeesWhatIsWrittenAfterItOpened) {
  const auto reader = open(OpenMode::reader);
  ASSERT_TRUE(reader);
  write([&](Transaction& t) { t.save_value("test", "a", "1"); });
  std::optional<std::string> seen;
  ASSERT_TRUE(reader
                  ->read([&](Snapshot& s) {
                    seen = s.load_value("test", "a");
                    return Status();
                  })
                  .ok());
  EXPECT_EQ(seen, "1");
  EXPECT_EQ(reader->generation(), store_->generation());
  EXPECT_FALSE(reader->write([](Transaction&) { return Status(); }).ok());
}

TEST_P(StoreOpen, AReaderMakesNoStore) {
  const auto elsewhere = GetParam().make_place();
  EXPECT_FALSE(open_store(elsewhere->url(), test_schema(), OpenMode::reader).ok());
  EXPECT_TRUE(open_store(elsewhere->url(), test_schema(), OpenMode::owner).ok());
}

TEST_P(StoreOpen, WrongUrlsAreRefused) {
  for (const char* url : {"", "sqlite:", "nothing", ":x", "unknown:/x", "sqlite:/nonexistent/dir/store"}) {
    const auto opened = open_store(url, test_schema(), OpenMode::owner);
    ASSERT_FALSE(opened.ok()) << url;
    EXPECT_NE(opened.error().error_class, model::ErrorClass::bug) << opened.error().text();
  }
}

TEST_P(StoreOpen, ANewerStoreIsRefusedUntouched) {
  write([&](Transaction& t) { t.save_value("test", "a", "1"); });
  store_.reset();
  place_->make_newer();
  EXPECT_EQ(refusal().error_class, model::ErrorClass::config);
  EXPECT_NE(refusal().message.find("newer"), std::string::npos);
  EXPECT_EQ(refusal(OpenMode::reader).error_class, model::ErrorClass::config);
}

TEST_P(StoreOpen, SomethingElseIsRefused) {
  store_.reset();
  place_->make_foreign();
  const auto error = refusal();
  EXPECT_TRUE(error.error_class == model::ErrorClass::config || error.error_class == model::ErrorClass::data)
      << error.text();
}

TEST_P(StoreOpen, DamageIsSaid) {
  write([&](Transaction& t) {
    for (int i = 1; i < 200; ++i)
      t.save(make_replica("erp", std::to_string(i)), {{"name", std::to_string(i)}});
  });
  store_.reset();
  place_->damage();
  auto opened = open_store(place_->url(), test_schema(), OpenMode::owner);
  if (!opened.ok()) {
    EXPECT_EQ(opened.error().error_class, model::ErrorClass::data) << opened.error().text();
    return;
  }
  store_ = std::move(*opened);
  const auto findings = store_->check();
  EXPECT_TRUE(findings.ok() ? !findings->empty() : findings.error().error_class == model::ErrorClass::data);
  EXPECT_FALSE(store_->backup(place_->backup_path()).ok()) << "a damaged store makes no backup";
}

TEST_P(StoreOpen, ABackupIsAStore) {
  write([&](Transaction& t) {
    t.save(make_golden(1));
    t.save(make_replica("erp", "k", golden_id(1)), {{"name", "k"}});
    t.save_value("test", "a", "before");
  });
  const auto path = place_->backup_path();
  ASSERT_TRUE(store_->backup(path).ok());
  EXPECT_FALSE(store_->backup(path).ok()) << "never over a file";
  write([&](Transaction& t) { t.save_value("test", "a", "after"); });
  const auto generation = store_->generation();
  EXPECT_FALSE(restore_store(place_->url(), test_schema(), path).ok()) << "not under an owner";
  store_.reset();
  const auto restored = restore_store(place_->url(), test_schema(), path);
  ASSERT_TRUE(restored.ok()) << restored.error().text();
  store_ = open();
  read([&](Snapshot& s) {
    EXPECT_EQ(s.load_value("test", "a"), "before");
    EXPECT_TRUE(s.load_value("store", "restored"));
    EXPECT_EQ(s.load_cluster(golden_id(1))->replicas.size(), 1u);
  });
  EXPECT_GT(store_->generation(), generation) << "runs of before and after are told apart";
  expect_sound();
}

TEST_P(StoreOpen, RestoringRubbishChangesNothing) {
  write([&](Transaction& t) { t.save_value("test", "a", "kept"); });
  store_.reset();
  EXPECT_FALSE(restore_store(place_->url(), test_schema(), place_->backup_path()).ok()) << "no such file";
  store_ = open();
  read([&](Snapshot& s) { EXPECT_EQ(s.load_value("test", "a"), "kept"); });
}

TEST_P(StoreOpen, StatsCount) {
  write([&](Transaction& t) {
    for (int i = 0; i < 100; ++i) t.save(make_replica("erp", std::to_string(i)), {});
  });
  const auto stats = store_->stats();
  ASSERT_TRUE(stats.ok()) << stats.error().text();
  EXPECT_GT(stats->bytes, 0);
  EXPECT_GT(stats->version, 0);
  EXPECT_EQ(stats->generation, store_->generation());
  std::int64_t most = 0;
  for (const auto& table : stats->tables) most = std::max(most, table.rows);
  EXPECT_EQ(most, 100);
}

TEST_P(StoreOpen, CheckFindsWhatIsWrong) {
  write([&](Transaction& t) {
    t.save(make_replica("erp", "k", "cus_nowhere"), {});
    store::Run run;
    run.id = "run_1";
    run.state = RunState::succeeded;
    t.save(run);
    RunStream lost{"erp", "customers"};
    lost.read = 1;
    t.add_counts("run_1", lost);
  });
  const auto findings = store_->check({[](Snapshot&, std::vector<Finding>& more) {
    more.push_back({"due", "found by the caller's own check"});
    return Status();
  }});
  ASSERT_TRUE(findings.ok());
  std::string codes;
  for (const auto& finding : *findings) codes += finding.code + " ";
  EXPECT_EQ(codes, "dangling ledger due ");
}

HUILIU_FOR_EVERY_STORE(StoreOpen);

}  // namespace huiliu::store::fakes
