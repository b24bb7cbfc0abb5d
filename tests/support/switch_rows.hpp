// The pages of the connectors list every switch of their twins with a test that shows what it does.
#pragma once

#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "sdk/twin/twin.hpp"

namespace huiliu {

// The names that GET {endpoint} of a twin's control surface shows.
inline std::vector<std::string> switches_of(twin::Twin& vendor, const std::string& endpoint = "/switches") {
  twin::HttpRequest request;
  request.method = "GET";
  request.path = endpoint;
  const auto answer = vendor.control(request);
  if (!answer) throw std::runtime_error("no control endpoint " + endpoint);
  std::vector<std::string> names;
  const boost::json::value shown = boost::json::parse(answer->body);
  for (const auto& one : shown.as_object()) names.emplace_back(one.key());
  return names;
}

// What a twin shows of its switches can be given back to it, by a person or on the command line. What it
// answers then, when that is something else; "" when all is as before.
inline std::string changed_when_put_back(twin::Twin& vendor) {
  twin::HttpRequest request;
  request.method = "GET";
  request.path = "/switches";
  const auto shown = vendor.control(request);
  request.method = "POST";
  request.body = shown ? shown->body : "";
  try {
    const auto answer = vendor.control(request);
    return answer && shown && answer->body == shown->body ? "" : answer ? answer->body : "no answer";
  } catch (const twin::TwinError& refused) {
    return refused.what();
  }
}

// Those of the switches for which a page of the connector has no row that names a test: "PAGE: `SWITCH`". A
// row counts in a table whose head begins with "switch" or 开关.
inline std::vector<std::string> switches_without_test(const std::string& source, const std::string& connector,
                                                      const std::vector<std::string>& switches) {
  static const std::regex quoted("`([a-z_/]+)`"), test("`[A-Z]\\w+\\.[A-Z]\\w+`");
  std::vector<std::string> missing;
  for (const char* folder : {"/docs/connectors/", "/docs/zh/connectors/"}) {
    const std::string page = source + folder + connector + ".md";
    std::ifstream in(page);
    std::set<std::string> shown;
    bool in_table = false, wanted = false;
    for (std::string line; std::getline(in, line);) {
      const bool is_row = line.starts_with("|");
      if (is_row && !in_table) wanted = line.starts_with("| switch") || line.starts_with("| 开关");
      in_table = is_row;
      if (!is_row || !wanted || !std::regex_search(line, test)) continue;
      const std::string first = line.substr(0, line.find('|', 1));
      for (std::sregex_iterator at(first.begin(), first.end(), quoted), end; at != end; ++at)
        shown.insert((*at)[1]);
    }
    for (const std::string& name : switches)
      if (!shown.contains(name)) missing.push_back(page + ": `" + name + "`");
  }
  return missing;
}

}  // namespace huiliu
