// Mail by SMTP (libcurl): plain text, one message to some people.
#pragma once

#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/time.hpp"

namespace huiliu::host {

struct MailServer {
  std::string url;  // smtp://host:port (TLS when the server offers it) or smtps://host:port
  std::string user, password;
  model::Micros timeout = 30 * model::second;
};

struct Mail {
  std::string from;
  std::vector<std::string> to;
  std::string subject, text;  // UTF-8
  std::string id;             // of the message, unique: "alert-….@host"
};

// The message as it travels (RFC 5322): headers, base64 text. `now` is its date. Line breaks in a subject
// become blanks: no header can be smuggled in.
std::string mail_text(const Mail& mail, model::Micros now);

// Blocks. Errors: retry (no connection, the server says later), auth, config (an address or the server is
// refused). Never quotes the password.
model::Status send_mail(const MailServer& server, const Mail& mail, model::Micros now);

}  // namespace huiliu::host
