// What can be asked without reading a record: manifest, settings, sessions, manners.
#include <filesystem>

#include "hub/kit/check.hpp"

namespace huiliu::kit {
namespace {

using model::ErrorClass;
using model::Value;

void labels(Lab& lab, const host::StreamSpec*, Judge& judge) {
  const host::Manifest& manifest = lab.manifest();
  if (manifest.label.zh.empty() || manifest.label.en.empty())
    judge.fail("the connector has no label in both languages", "give \"label\": {\"zh\": …, \"en\": …}");
  for (const host::StreamSpec& stream : manifest.streams) {
    if (stream.label.zh.empty() || stream.label.en.empty())
      judge.fail("stream " + stream.name + " has no label in both languages", "give it \"zh\" and \"en\"");
    if (!stream.write.empty() && stream.fields.empty())
      judge.fail("stream " + stream.name + " can be written and names no fields",
                 "list its fields with the operations that each allows");
  }
}

void check_answers(Lab& lab, const host::StreamSpec*, Judge& judge) {
  if (!lab.manifest().capabilities.contains("check")) return judge.skip("no check slot");
  auto bench = lab.open();
  if (!bench.ok())
    return judge.fail("does not open: " + bench.error().text(), "open must not need the network");
  if (const auto checked = bench->instance->check(); !checked.ok())
    judge.fail("check fails with good settings: " + checked.error().text(),
               "check must succeed when reading would");
}

void wrong_secret(Lab& lab, const host::StreamSpec*, Judge& judge) {
  if (!lab.manifest().capabilities.contains("check")) return judge.skip("no check slot");
  bool tried = false;
  for (const std::string& name : host::secret_names(lab.manifest().settings)) {
    const Value* secret = lab.target().settings.find(name);
    if (secret == nullptr || !secret->is_string()) continue;
    Value settings = lab.target().settings;
    model::Object changed = settings.as_object();
    std::string wrong = secret->as_string();
    for (char& letter : wrong)
      if (letter >= 'a' && letter < 'z') ++letter;
    changed.set(name, wrong);
    auto bench = lab.open({}, Value(changed));
    if (!bench.ok()) continue;  // its form is checked: fair
    tried = true;
    const auto checked = bench->instance->check();
    if (checked.ok()) continue;  // a secret that check does not use
    lab.hear(checked.error().text());
    const ErrorClass what = checked.error().error_class;
    if (what != ErrorClass::auth && what != ErrorClass::config)
      judge.fail(
          "a wrong " + name + " gives class " + to_string(what) + ": " + checked.error().text(),
          "a refused credential is HUILIU_AUTH: the hub pauses and asks its owner instead of retrying");
  }
  if (!tried) judge.skip("no secret that could be wrong");
}

std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

void sessions(Lab& lab, const host::StreamSpec*, Judge& judge) {
  constexpr int cycles = 1000;  // each a process, where it is isolated
  auto first = lab.open();
  if (!first.ok())
    return judge.fail("does not open: " + first.error().text(), "open must not need the network");
  const std::size_t before = open_files();
  for (int i = 0; i < cycles; ++i) {
    auto instance = host::Instance::open(*first->host, lab.shared_connector(),
                                         {.connection = "kit-cycle",
                                          .settings = lab.target().settings,
                                          .secrets = host::SecretForm::clear_allowed});
    if (!instance.ok())
      return judge.fail("opening " + std::to_string(i + 1) + " times: " + instance.error().text(),
                        "close must undo everything that open did");
  }
  if (const std::size_t after = open_files(); after > before + 2)
    judge.fail(std::to_string(after - before) + " file descriptors are left after " + std::to_string(cycles) +
                   " sessions",
               "close what open opened");
}

void discovers(Lab& lab, const host::StreamSpec*, Judge& judge) {
  if (!lab.manifest().capabilities.contains("discover")) return judge.skip("no discover slot");
  auto bench = lab.open();
  if (!bench.ok())
    return judge.fail("does not open: " + bench.error().text(), "open must not need the network");
  const auto found = bench->instance->discover();
  if (!found.ok())
    return judge.fail("discover fails: " + found.error().text(),
                      "answer {\"streams\": […]} as a manifest has them");
  if (const auto streams = host::parse_streams(*found); !streams.ok())
    judge.fail("discover answers in another form: " + streams.error().text(),
               "see sdk/manifest.md, “A stream”");
}

void junk_requests(Lab& lab, const host::StreamSpec*, Judge& judge) {
  if (!lab.manifest().capabilities.contains("handle_request")) return judge.skip("no handle_request slot");
  const host::WebRequest junk[] = {
      {"GET", "/", {}, ""},
      {"POST", "/", {{"Content-Type", "application/json"}}, "{\"half\":"},
      {"POST",
       "/?signature=0000&timestamp=1&nonce=2",
       {{"Content-Type", "application/json"}},
       "{\"id\":\"1\"}"},
      {"POST", "/", {{"Content-Type", "application/xml"}}, "<!DOCTYPE x [<!ENTITY y 'z'>]><xml>&y;</xml>"},
      {"POST", "/", {{"Content-Type", "application/octet-stream"}}, std::string(4096, '\xff')},
  };
  auto bench = lab.open();
  if (!bench.ok())
    return judge.fail("does not open: " + bench.error().text(), "open must not need the network");
  for (const host::WebRequest& request : junk) {
    std::size_t records = 0;
    const auto reply = bench->instance->handle_request(
        request, {[&](host::Page page) -> model::Status {
                    records += page.records.size();
                    return {};
                  },
                  [](std::string_view, const host::StateChanges&) -> model::Status { return {}; }});
    const std::string what = request.method + " " + request.target + " with an unsigned body";
    if (!reply.ok() && reply.error().error_class == ErrorClass::bug)
      judge.fail(what + " breaks the connector: " + reply.error().text(),
                 "answer 400 or 401; never let it escape");
    if (records > 0)
      judge.fail(what + " delivers " + std::to_string(records) + " records",
                 "verify the signature before parsing");
  }
}

}  // namespace

const std::vector<Check>& contract_checks() {
  static const std::vector<Check> checks = {
      {"manifest.labels",
       "connector and streams are named in both languages, and say which fields can be written",
       Check::Per::connector, labels},
      {"check.good", "check succeeds with good settings", Check::Per::connector, check_answers},
      {"check.wrong_secret", "a wrong secret is an auth or config error, so that the hub pauses and asks",
       Check::Per::connector, wrong_secret},
      {"session.cycles", "1,000 sessions are opened and closed and leave nothing behind",
       Check::Per::connector, sessions},
      {"discover.form", "discover answers in the form of the manifest", Check::Per::connector, discovers},
      {"webhook.junk", "requests that nobody signed deliver nothing and break nothing", Check::Per::connector,
       junk_requests},
  };
  return checks;
}

}  // namespace huiliu::kit
