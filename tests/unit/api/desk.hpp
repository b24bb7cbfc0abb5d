// A hub with a few golden records, its API, and people of every role, for one test. No systems, no sockets.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "hub/api/api.hpp"

namespace huiliu::api {

// Values that must not leave in clear where the role sees them masked.
struct Canary {
  std::string name, phone, email, tax, bank;
};

class Desk {
 public:
  explicit Desk(ApiOptions options = {0, 0, false, true});
  ~Desk();

  run::Hub& hub() { return *hub_; }
  Api& api() { return *api_; }
  // Ends the hub; its files stay until the desk goes.
  void close() {
    api_.reset();
    hub_.reset();
  }
  model::Micros now() const { return hub_->clock().now(); }
  const std::filesystem::path& directory() const { return directory_; }

  // A token of a user with exactly this role, for every function.
  const std::string& token(const std::string& role);
  // A session of a user who set his password; the cookie's value.
  std::string log_in(const std::string& user, const std::string& password, const std::string& code = {});
  // An account with a password, through the setup code.
  void add_user(const std::string& name, const std::set<std::string>& roles, const std::string& password,
                const std::string& employee = {});

  HttpResponse call(const std::string& method, const std::string& target, const std::string& token,
                    const std::string& body = {},
                    std::vector<std::pair<std::string, std::string>> headers = {},
                    const std::string& peer = {});
  // As a browser with the session's cookie does it.
  HttpResponse browse(const std::string& method, const std::string& target, const std::string& session,
                      const std::string& body = {}, const std::string& origin = "https://hub.example");
  static std::string header(const HttpResponse& response, const std::string& name);

  // Saves a golden record with these fields; its id.
  std::string save(const std::string& entity, const std::map<std::string, model::Value>& fields);

  std::string mine, colleagues, others;  // customers of: the salesperson, his colleague, another department
  std::string my_contact, others_contact;
  std::string me, colleague, stranger;  // employees
  Canary my_canary, others_canary;
  std::string review, conflict;  // open ones about `others`
  std::string letter;            // a dead letter with the canary in its raw record

 private:
  void plant();
  std::filesystem::path directory_;
  std::unique_ptr<run::Hub> hub_;
  std::unique_ptr<Api> api_;
  std::map<std::string, std::string> tokens_;
};

model::Value json_of(const HttpResponse& response);

}  // namespace huiliu::api
