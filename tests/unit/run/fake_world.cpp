#include "tests/unit/run/fake_world.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "hub/config/yaml.hpp"

namespace huiliu::run::fakes {
namespace fs = std::filesystem;

using model::Object;
using model::Status;
using model::Value;

namespace {

// Four fields are enough for every rule: an owner's, two shared ones, and what identifies.
constexpr const char* mapping_text = R"(
streams:
  customers:
    entity: customer
    key: Id
    lenses:
      - {field: names.legal, path: Name, codec: company_name, required: true, create_needs: true, natural_key: true}
      - {field: identifiers.uscc, path: Code, codec: uscc}
      - {field: "phones[switchboard]", path: Phone, codec: phone}
      - {field: website, path: Web, codec: url}
)";

std::string manifest_text(const std::string& grade, bool deletes_visible) {
  std::string fields;
  for (const char* path : {"Name", "Code", "Phone", "Web"})
    fields += std::string(fields.empty() ? "" : ",") + "\"" + path +
              R"(":{"operations":["create","update","clear"]})";
  return R"({"id":"fake","grade":{"write":")" + grade + R"(","key":"N","deletes_visible":)" +
         (deletes_visible ? "true" : "false") +
         R"(,"lag_seconds":0,"stable_paging":true,"respells":false},)"
         R"("quotas":{"api":{"per_day":1000}},"streams":[{"name":"customers","capabilities":{"read":["full",)"
         R"("changes","keys"],"write":["create","update"]},"fields":{)" +
         fields + "}}]}";
}

// A valid 统一社会信用代码 by number: an invented organisation in Qingdao, check digits computed.
std::string credit_code(int number) {
  static constexpr std::string_view digits = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static constexpr int organisation_weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  static constexpr int weights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  std::string organisation = "MA" + std::to_string(100000 + number);
  int sum = 0;
  for (int i = 0; i < 8; ++i) {
    const char c = organisation[static_cast<std::size_t>(i)];
    sum += organisation_weights[i] * (c >= 'A' ? c - 'A' + 10 : c - '0');
  }
  const int check = (11 - sum % 11) % 11;
  organisation += check == 10 ? 'X' : static_cast<char>('0' + check);
  std::string code = "91370212" + organisation;
  sum = 0;
  for (int i = 0; i < 17; ++i)
    sum += weights[i] * static_cast<int>(digits.find(code[static_cast<std::size_t>(i)]));
  code += digits[static_cast<std::size_t>((31 - sum % 31) % 31)];
  return code;
}

}  // namespace

void FakeSystem::set(const std::string& key, const std::string& member, const std::string& value) {
  records_[key].set(member, value);
  touch(key);
}

void FakeSystem::put(const std::string& key, const Object& body) {
  records_[key] = body;
  touch(key);
}

void FakeSystem::erase(const std::string& key) {
  records_.erase(key);
  touch(key);
}

std::string FakeSystem::get(const std::string& key, const std::string& member) const {
  const auto record = records_.find(key);
  const Value* value = record == records_.end() ? nullptr : record->second.find(member);
  return value == nullptr ? std::string{} : value->to_text();
}

ReceivedRecord FakeSystem::shown(const std::string& key) const {
  ReceivedRecord record;
  record.key = key;
  const auto found = records_.find(key);
  record.deleted = found == records_.end();
  if (has_versions) record.token = std::to_string(changed_.contains(key) ? changed_.at(key) : 0);
  if (record.deleted) return record;
  record.body = Value(found->second);
  record.raw = model::to_json(record.body);
  return record;
}

Status FakeSystem::read(const std::string& stream, ReadKind kind, const std::string& cursor, std::uint64_t,
                        RecordReceiver& receiver) {
  ++reads;
  if (!broken.ok()) return broken;
  const std::int64_t since = kind == ReadKind::changes && !cursor.empty() ? std::stoll(cursor) : 0;
  std::vector<ReceivedRecord> out;
  const auto emit = [&](ReceivedRecord record) -> Status {
    out.push_back(std::move(record));
    if (doubled.contains(out.back().key)) {
      ReceivedRecord other = out.back();
      if (other.body.is_object()) {  // a listing of keys shows no contents
        other.body.as_object().set("Web", "https://other.example/");
        other.raw = model::to_json(other.body);
      }
      out.push_back(std::move(other));
    }
    if (out.size() < page) return {};
    return receiver.records(stream, std::exchange(out, {}), {});
  };
  for (const auto& [key, changed] : changed_) {
    if (changed <= since || (shows && !shows(key))) continue;
    if (!records_.contains(key) && (kind != ReadKind::changes || !tells_deletes)) continue;
    ReceivedRecord record = shown(key);
    if (kind == ReadKind::keys) record.body = Value(), record.raw.clear();
    HUILIU_TRY(emit(std::move(record)));
  }
  if (!out.empty()) HUILIU_TRY(receiver.records(stream, std::move(out), {}));
  return receiver.checkpoint(std::to_string(sequence_), {});
}

model::Result<std::vector<ReceivedRecord>> FakeSystem::lookup(const std::string&,
                                                              const std::vector<std::string>& keys) {
  ++lookups;
  if (!broken.ok()) return broken.error();
  std::vector<ReceivedRecord> found;
  for (const std::string& key : keys) found.push_back(shown(key));
  return found;
}

model::Result<std::vector<ReceivedRecord>> FakeSystem::find(
    const std::string&, const std::vector<std::pair<std::string, std::string>>& values) {
  std::vector<ReceivedRecord> found;
  for (const auto& [key, record] : records_)
    if (std::all_of(values.begin(), values.end(), [&shown = record](const auto& wanted) {
          const Value* member = shown.find(wanted.first);
          return member != nullptr && member->to_text() == wanted.second;
        }))
      found.push_back(shown(key));
  return found;
}

model::Result<std::vector<std::int64_t>> FakeSystem::keys_between(const std::string&, const KeyRange& range) {
  ++ranges;
  std::vector<std::int64_t> keys;
  for (const auto& [key, record] : records_) {
    const std::int64_t number = std::stoll(key);
    if (number > range.after && (range.upto == 0 || number <= range.upto)) keys.push_back(number);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(keys.begin(),
             keys.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(range.skip, keys.size())));
  if (range.limit > 0 && keys.size() > range.limit) keys.resize(range.limit);
  return keys;
}

WrittenRecord FakeSystem::take(const RecordToWrite& record) {
  WrittenRecord answer;
  answer.key = record.key.empty() ? std::to_string(next_key_++) : record.key;
  if (has_versions && !record.token.empty() && !record.key.empty() &&
      record.token != std::to_string(changed_[record.key])) {
    answer.outcome = sync::Outcome::stale;
    answer.shown = shown(record.key);
    return answer;
  }
  std::string line = record.key.empty() ? "+" : record.key;
  for (const model::Member& member : record.body.as_object()) {
    line += " " + member.key + "=" + member.value.to_text();
    records_[answer.key].set(member.key, member.value.is_null() ? Value("") : member.value);
  }
  written.push_back(line);
  touch(answer.key);
  answer.outcome = sync::Outcome::applied;
  if (has_versions) answer.token = std::to_string(changed_[answer.key]);
  if (answers_bodies) answer.shown = shown(answer.key);
  return answer;
}

std::vector<WrittenRecord> FakeSystem::write(const std::string&, const std::vector<RecordToWrite>& records) {
  std::vector<WrittenRecord> answers;
  for (const RecordToWrite& record : records) answers.push_back(instead ? instead(record) : take(record));
  return answers;
}

FakeWorld::FakeWorld(const std::vector<FakeConnection>& connections) {
  std::string name = (fs::temp_directory_path() / "huiliu-run-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
  directory_ = name;
  fs::create_directories(directory_ / "config/connections");
  for (const FakeConnection& connection : connections) {
    std::ofstream(directory_ / "config/connections" / (connection.name + ".yaml"))
        << "connector: fake\nrole: " << connection.role << "\nstage: two_way\ncreate: " << connection.create
        << '\n'
        << (connection.privacy.empty() ? "" : "privacy: " + connection.privacy + "\n")
        << (connection.brakes.empty() ? "" : "brakes: " + connection.brakes + "\n");
    const auto manifest = model::parse_json(manifest_text(connection.grade, connection.deletes_visible));
    manifests_.emplace(connection.name, *manifest);
    systems_.emplace(connection.name, std::make_unique<FakeSystem>());
    systems_.at(connection.name)->has_versions = connection.grade == "A";
    systems_.at(connection.name)->tells_deletes = connection.deletes_visible;
  }
  const config::Loaded loaded =
      config::load({(directory_ / "config").string(), std::string(HUILIU_SOURCE_DIR) + "/config"});
  for (const model::Error& error : loaded.errors) ADD_FAILURE() << error.text();
  config_ = loaded.config;
  const auto document = config::parse_yaml(mapping_text, "mapping");
  std::vector<ConnectionFacts> facts;
  for (const config::ConnectionConfig& connection : config_->connections) {
    auto mapping = mapping::Mapping::load(document->value, config_->schema);
    if (!mapping.ok()) ADD_FAILURE() << mapping.error().text();
    const auto& kept = mappings_.emplace(connection.name, std::move(*mapping)).first->second;
    workspace.mappings[connection.name] = &kept;
    facts.push_back({&connection, &manifests_.at(connection.name), &kept});
  }
  auto rules = make_rules(*config_, facts);
  if (!rules.ok()) ADD_FAILURE() << rules.error().text();
  rules_ = std::move(*rules);
  projection_ = std::make_unique<MappingProjection>(workspace.mappings);
  engine_ = std::make_unique<sync::Engine>(rules_, *projection_, dice);
  workspace.config = config_.get();
  workspace.rules = &rules_;
  workspace.engine = engine_.get();
  workspace.clock = &clock;
  workspace.random = &dice;
  for (const auto& [system_name, system] : systems_) workspace.systems[system_name] = system.get();
  open();
}

FakeWorld::~FakeWorld() {
  store_.reset();
  std::error_code ignored;  // left-over files in the temporary directory are no failure of the test
  fs::remove_all(directory_, ignored);
}

void FakeWorld::open() {
  auto store = store::open_store("sqlite:" + (directory_ / "hub.db").string(), config_->schema,
                                 store::OpenMode::owner);
  if (!store.ok()) ADD_FAILURE() << store.error().text();
  store_ = std::move(*store);
  workspace.store = store_.get();
}

void FakeWorld::reopen() {
  store_.reset();
  open();
}

CycleReport FakeWorld::cycle(const CycleOptions& options) {
  static const std::atomic<bool> go_on{false};
  std::vector<std::string> names;
  for (const auto& [name, system] : systems_) names.push_back(name);
  ProgressBoard board(names);
  clock.advance(10 * model::second);
  auto report = run_cycle(workspace, options, board, go_on, model::make_id("run", clock.now(), dice));
  if (!report.ok()) ADD_FAILURE() << report.error().text();
  return std::move(*report);
}

void FakeWorld::settle() {
  for (int i = 0; i < 5; ++i)
    if (cycle().applied == 0) return;
  ADD_FAILURE() << "still writing after five cycles";
}

void FakeWorld::add_companies(int count) {
  for (auto& [name, system] : systems_)
    for (int i = 0; i < count; ++i)
      system->put(std::to_string(1000 + i),
                  {{"Name", "青岛" + std::to_string(1000 + i) + "号船舶配件有限公司"},
                   {"Code", credit_code(i)},
                   {"Phone", "0532-" + std::to_string(47'590'000 + i)},
                   {"Web", "https://w" + std::to_string(i) + ".example/"}});
}

ConsentBook& FakeWorld::consents() {
  consents_.guard(rules_, *config_);
  return consents_;
}

std::vector<sync::PlannedWrite> FakeWorld::plan() {
  std::vector<sync::PlannedWrite> writes;
  for (const auto& [name, system] : systems_) {
    auto left = remaining(workspace, name, false);
    if (!left.ok()) ADD_FAILURE() << left.error().text();
    writes.insert(writes.end(), left->writes.begin(), left->writes.end());
  }
  return writes;
}

std::vector<sync::Review> FakeWorld::reviews(sync::ReviewKind kind) {
  std::vector<sync::Review> found;
  EXPECT_TRUE(store_
                  ->read([&](store::Snapshot& snapshot) -> Status {
                    found = snapshot.list_reviews({kind, "open", {}}, {{}, 1000});
                    return {};
                  })
                  .ok());
  return found;
}

void FakeWorld::decide(const std::string& review, const std::string& choice) {
  const Status decided = store_->write([&](store::Transaction& transaction) {
    return engine_->decide(transaction, review, choice, "", "tester", clock.now());
  });
  EXPECT_TRUE(decided.ok()) << decided.error().text();
}

std::vector<store::RunStream> FakeWorld::ledger(const std::string& run) {
  std::vector<store::RunStream> streams;
  EXPECT_TRUE(store_
                  ->read([&](store::Snapshot& snapshot) -> Status {
                    streams = snapshot.run_streams(run);
                    return {};
                  })
                  .ok());
  return streams;
}

std::vector<store::Parked> FakeWorld::dead_letters() {
  std::vector<store::Parked> letters;
  EXPECT_TRUE(store_
                  ->read([&](store::Snapshot& snapshot) -> Status {
                    letters = snapshot.list_parked({}, {{}, 1000});
                    return {};
                  })
                  .ok());
  return letters;
}

}  // namespace huiliu::run::fakes
