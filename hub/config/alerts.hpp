// Who is told when the hub itself needs a person: `alerts` in hub.yaml.
//
//   alerts:
//     mail: {server: "smtp://mail.example.com:587", from: hub@example.com, to: [it@example.com],
//            user: hub, password: "${env:SMTP_PASSWORD}"}       # smtps:// for TLS from the start
//     webhook: {url: "https://ops.example.com/hook", secret: "${env:OPS_SECRET}"}   # signed (Standard
//     Webhooks) people: [admin]             # users with these roles, by the office suites' work messages
//     streams: [suite/robot]      # CONNECTION/STREAM that takes messages (title, text): a group's robot
//     group: 5m                   # what comes within it travels together
//     repeat: 4h                  # the same trouble is not told again before
//     quiet: {from: "22:00", to: "07:00"}   # then only urgent ones
//     urgent: [paused, store]
//     lag: 2h                     # a stream that was not read completely for longer is told
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/time.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

struct MailSettings {
  std::string server, from, user, password;  // password: a reference
  std::vector<std::string> to;
};
struct AlertHook {
  std::string url, secret;  // secret: a reference; empty: unsigned
};

struct AlertSettings {
  std::optional<MailSettings> mail;
  std::optional<AlertHook> webhook;
  std::set<std::string> people;  // roles
  struct Stream {
    std::string connection, stream;
  };
  std::vector<Stream> streams;  // of plugins; each takes records of a title and a text
  model::Micros group = 300 * model::second, repeat = 4 * 3600 * model::second;
  int quiet_from = 0, quiet_to = 0;  // minutes of the day; equal: none
  std::string time_zone = "Asia/Shanghai";
  std::set<std::string> urgent = {"paused", "store"};
  model::Micros lag = 0;  // 0: not watched
  bool anybody() const { return mail || webhook || !people.empty() || !streams.empty(); }
};

// What alerts are about.
bool is_alert_kind(const std::string& kind);
std::string alert_kind_names();

// Errors: class config, `where` = the JSON Pointer.
model::Result<AlertSettings> read_alerts(const model::Value& node, const std::string& pointer);

}  // namespace huiliu::config
