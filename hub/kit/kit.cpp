#include "hub/kit/kit.hpp"

#include <algorithm>
#include <sstream>

#include "hub/kit/check.hpp"

namespace huiliu::kit {
namespace {

using model::Array;
using model::Object;
using model::Value;

bool wanted(const Options& options, const std::string& name) {
  return options.only.empty() ||
         std::any_of(options.only.begin(), options.only.end(),
                     [&](const std::string& only) { return name == only || name.starts_with(only + "."); });
}

std::vector<const host::StreamSpec*> streams_for(const host::Manifest& manifest, Check::Per per) {
  std::vector<const host::StreamSpec*> streams;
  for (const host::StreamSpec& stream : manifest.streams)
    if (per == Check::Per::readable_stream ? stream.read.contains("full") : !stream.write.empty())
      streams.push_back(&stream);
  return streams;
}

std::vector<Check> all_checks() {
  std::vector<Check> all;
  for (const auto* table :
       {&contract_checks(), &read_checks(), &write_checks(), &isolation_checks(), &fault_checks()})
    all.insert(all.end(), table->begin(), table->end());
  return all;  // secrets last: they are looked for in everything that was said before
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  return out;
}

}  // namespace

const char* to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::skipped:
      return "skipped";
  }
  return "?";
}

int Report::score() const {
  int made = 0, good = 0;
  for (const Finding& finding : findings) {
    made += finding.verdict != Verdict::skipped;
    good += finding.verdict == Verdict::passed;
  }
  return made == 0 ? 0 : good * 100 / made;
}

bool Report::passed() const { return score() == 100; }

std::vector<std::string> Report::failed() const {
  std::vector<std::string> names;
  for (const Finding& finding : findings)
    if (finding.verdict == Verdict::failed &&
        std::find(names.begin(), names.end(), finding.check) == names.end())
      names.push_back(finding.check);
  return names;
}

Report test_connector(std::shared_ptr<const host::Connector> connector, const Target& target,
                      const Options& options) {
  Report report{connector->manifest.id, connector->manifest.version, connector->library, {}};
  Lab lab(connector, target);
  for (const Check& check : all_checks()) {
    if (!wanted(options, check.name)) continue;
    const auto judge = [&](const host::StreamSpec* stream) {
      Judge judged(check.name, stream == nullptr ? std::string() : stream->name);
      check.judge(lab, stream, judged);
      for (Finding& finding : judged.take()) report.findings.push_back(std::move(finding));
    };
    if (check.per == Check::Per::connector) {
      judge(nullptr);
    } else {
      for (const host::StreamSpec* stream : streams_for(connector->manifest, check.per)) judge(stream);
    }
  }
  return report;
}

Value to_json(const Report& report) {
  Array findings;
  for (const Finding& finding : report.findings) {
    Object entry{{"check", finding.check}, {"verdict", to_string(finding.verdict)}};
    if (!finding.stream.empty()) entry.set("stream", finding.stream);
    if (!finding.message.empty()) entry.set("message", finding.message);
    if (!finding.fix.empty()) entry.set("fix", finding.fix);
    findings.push_back(std::move(entry));
  }
  return Object{{"connector", report.connector}, {"version", report.version},
                {"library", report.library},     {"passed", report.passed()},
                {"score", report.score()},       {"findings", std::move(findings)}};
}

std::string to_html(const Report& report) {
  std::ostringstream out;
  out << "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>" << escaped(report.connector)
      << "</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
         "1rem;color:"
         "#1d2129}h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;"
         "padding:.4rem "
         ".6rem;border-bottom:1px solid "
         "#e5e6eb;vertical-align:top}.failed{color:#c0271d;font-weight:600}.passed{color:"
         "#0a7a3c}.skipped{color:#86909c}.fix{color:#4e5969}</style><h1>"
      << escaped(report.connector) << ' ' << escaped(report.version) << ": " << report.score()
      << " / 100</h1><table>"
      << "<tr><th>check<th>stream<th>verdict<th>what";
  for (const Finding& finding : report.findings)
    out << "<tr><td>" << escaped(finding.check) << "<td>" << escaped(finding.stream) << "<td class=\""
        << to_string(finding.verdict) << "\">" << to_string(finding.verdict) << "<td>"
        << escaped(finding.message)
        << (finding.fix.empty() ? "" : "<div class=\"fix\">→ " + escaped(finding.fix) + "</div>");
  out << "</table></html>\n";
  return out.str();
}

Value describe_checks() {
  Array checks;
  for (const Check& check : all_checks())
    checks.push_back(Object{{"name", check.name}, {"proves", check.proves}});
  return checks;
}

}  // namespace huiliu::kit
