// The kit passes a right connector and rejects wrong ones, for the right reason.
#include "hub/kit/kit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "hub/host/isolation.hpp"
#include "tests/kit/desk_twin.hpp"
#include "tests/support/sanitized.hpp"

namespace huiliu::kit {
namespace {

class KitTest : public testing::Test {
 protected:
  Report test(const std::string& mutation, bool in_a_child = false,
              const std::vector<std::string>& only = {}) {
    DeskTwin twin({});
    twin::TwinServer server(twin, "desk");
    return test_connector(in_a_child ? host::isolated(*connector()) : connector(),
                          {model::Object{{"base_url", server.url()},
                                         {"app_secret", std::string(DeskTwin::secret)},
                                         {"mutation", mutation}},
                           server.control_url()},
                          {only});
  }
  static std::shared_ptr<const host::Connector> connector() {
    static const auto plugin = host::load_plugin(HUILIU_DESK_PLUGIN);
    EXPECT_TRUE(plugin.ok()) << plugin.error().text();
    return (*plugin)->connector("");
  }
};

TEST_F(KitTest, ARightConnectorPasses) {
  const Report report = test("");
  EXPECT_EQ(report.score(), 100) << model::to_json(to_json(report));
  EXPECT_THAT(report.failed(), testing::IsEmpty());
}

// The same findings, word for word, when the connector works in a child process: of a right one and of wrong
// ones.
class InAChild : public KitTest, public testing::WithParamInterface<const char*> {};

TEST_P(InAChild, FindsTheSame) {
  if (tests::sanitized)
    GTEST_SKIP() << "sanitizers bring system calls of their own into the child, as for tests/isolation";
  const auto judged = [](const Report& report) {
    std::vector<std::string> out;
    for (const Finding& finding : report.findings)
      if (finding.check != "isolation.equal")  // which compares the two
        out.push_back(finding.check + " [" + finding.stream + "] " + to_string(finding.verdict));
    return out;
  };
  EXPECT_EQ(judged(test(GetParam())), judged(test(GetParam(), true)));
}

INSTANTIATE_TEST_SUITE_P(Mutations, InAChild,
                         testing::Values("", "dropped_last_page", "checkpoint_first", "html_is_empty",
                                         "parse_escapes", "gone_is_applied", "lost_answer_rejected",
                                         "leak_in_state", "webhook_throws"),
                         [](const auto& made) {
                           return *made.param == '\0' ? std::string("none") : made.param;
                         });

TEST(Kit, ItsPageNamesEveryCheck) {
  std::ifstream file(std::string(HUILIU_SOURCE_DIR) + "/docs/sdk/kit.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const model::Value checks = describe_checks();
  for (const model::Value& check : checks.as_array())
    EXPECT_NE(page.find("| `" + check["name"].to_text() + "` | " + check["proves"].to_text() + " |"),
              std::string::npos)
        << check["name"].to_text();
}

TEST_F(KitTest, ItTriesEveryCallAndSaysSo) {
  const Report report = test("");
  for (const char* check :
       {"fault.host_call", "fault.cancel", "fault.kill", "fault.html", "fault.expired_token", "write.kill"}) {
    const auto found = std::find_if(report.findings.begin(), report.findings.end(),
                                    [&](const Finding& finding) { return finding.check == check; });
    ASSERT_NE(found, report.findings.end()) << check;
    if (found->verdict == Verdict::skipped) continue;  // no child process in a build with sanitizers
    EXPECT_THAT(found->message, testing::MatchesRegex("at each of [0-9]+ calls")) << check;
  }
}

struct Mutation {
  const char* name;
  const char* reason;          // the check that must fail
  const char* also = nullptr;  // and another one
};

class Mutated : public KitTest, public testing::WithParamInterface<Mutation> {};

TEST_P(Mutated, IsRejectedForTheRightReason) {
  // Under a sanitizer only the checks that have to find it; for secrets all of them,
  // of which any may tell one.
  std::vector<std::string> only;
  if (tests::sanitized && !std::string(GetParam().reason).starts_with("secrets.")) {
    only.emplace_back(GetParam().reason);
    if (GetParam().also != nullptr) only.emplace_back(GetParam().also);
  }
  const Report report = test(GetParam().name, false, only);
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(report.failed(), testing::Contains(GetParam().reason)) << model::to_json(to_json(report));
  if (GetParam().also != nullptr) {
    EXPECT_THAT(report.failed(), testing::Contains(GetParam().also));
  }
  for (const Finding& finding : report.findings)
    EXPECT_EQ(finding.verdict == Verdict::failed, !finding.fix.empty()) << finding.check;
}

INSTANTIATE_TEST_SUITE_P(
    Kit, Mutated,
    testing::Values(
        Mutation{"check_fails", "check.good"}, Mutation{"wrong_secret_retried", "check.wrong_secret"},
        Mutation{"wrong_secret_data", "check.wrong_secret"}, Mutation{"session_leak", "session.cycles"},
        Mutation{"discover_form", "discover.form"}, Mutation{"webhook_unverified", "webhook.junk"},
        Mutation{"webhook_throws", "webhook.junk"}, Mutation{"dropped_last_page", "read.complete"},
        Mutation{"short_page_ends", "read.complete"}, Mutation{"first_record_twice", "read.complete"},
        Mutation{"no_checkpoint", "read.complete"}, Mutation{"missing_key", "read.complete"},
        Mutation{"half_json", "read.complete"}, Mutation{"time_in_body", "read.repeatable"},
        Mutation{"cursor_ignored", "read.resume"}, Mutation{"checkpoint_first", "read.resume"},
        Mutation{"changes_fail", "read.quiet_changes"}, Mutation{"changes_invent", "read.quiet_changes"},
        Mutation{"changes_blind", "read.edits"}, Mutation{"changes_other_form", "read.edits"},
        Mutation{"window_from_end", "read.edits_meanwhile"}, Mutation{"window_from_nowhere", "read.edits"},
        Mutation{"offset_paging", "read.edits_meanwhile"}, Mutation{"unknown_key_fails", "lookup.keys"},
        Mutation{"unknown_key_skipped", "lookup.keys"}, Mutation{"lookup_other_form", "lookup.keys"},
        Mutation{"find_wrong", "find.natural_keys"}, Mutation{"find_unsupported", "find.natural_keys"},
        Mutation{"updates_refused", "write.update"}, Mutation{"no_answer_is_last", "fault.refused"},
        Mutation{"error_500_ends", "fault.error_500"}, Mutation{"error_500_is_auth", "fault.error_500"},
        Mutation{"throttled_is_config", "fault.throttled"}, Mutation{"html_is_empty", "fault.html"},
        Mutation{"broken_is_last", "fault.truncated"}, Mutation{"empty_is_last", "fault.empty"},
        Mutation{"parse_escapes", "fault.truncated"}, Mutation{"token_not_renewed", "fault.expired_token"},
        Mutation{"swallows_stop", "fault.stop", "fault.cancel"}, Mutation{"leak_in_body", "secrets.silent"},
        Mutation{"leak_in_state", "secrets.silent"}, Mutation{"leak_in_cursor", "secrets.silent"},
        Mutation{"write_pretends", "write.update"}, Mutation{"write_renames_field", "write.update"},
        Mutation{"gone_stops_batch", "write.batch"}, Mutation{"gone_is_applied", "write.batch"},
        Mutation{"index_by_order", "write.batch"}, Mutation{"lost_answer_rejected", "write.lost_answer"},
        Mutation{"lost_answer_deferred", "write.lost_answer"}, Mutation{"refused_applied", "write.refused"},
        Mutation{"error_500_applied", "write.error_500"}, Mutation{"html_applied", "write.html"},
        Mutation{"write_parse_throws", "write.html"}, Mutation{"stale_ignored", "write.stale"},
        Mutation{"stale_is_applied", "write.stale"}, Mutation{"version_missing", "write.stale"},
        Mutation{"applied_before_sent", "write.kill"}, Mutation{"stop_is_done", "fault.cancel"},
        Mutation{"cursor_in_memory", "fault.kill"}, Mutation{"refusal_escapes", "fault.host_call"},
        Mutation{"stop_between_pages_is_done", "fault.cancel"}, Mutation{"reads_files", "isolation.equal"},
        Mutation{"write_appends", "write.again"}, Mutation{"second_write_refused", "write.again"}),
    [](const auto& made) { return std::string(made.param.name); });

}  // namespace
}  // namespace huiliu::kit
