// The twin of the connector `webhook`: a dealer portal that takes signed events, sends its own, and has a
// read API.
//
// Stricter than most real sites: a signature must be right in every part, unknown fields are refused, a
// repeated webhook-id is answered as the first time and has no effect, a stale base_version is refused.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "sdk/twin/event_sender.hpp"
#include "sdk/twin/twin.hpp"

namespace huiliu::webhook_twin {

// Of the invented account.
inline constexpr std::string_view kSigningSecret = "whsec_c2l0ZS10d2luLXNpZ25pbmctc2VjcmV0LTAxMjM0NTY=";
inline constexpr std::string_view kReadToken = "site-twin-read-token";

class SiteTwin : public twin::Twin {
 public:
  explicit SiteTwin(twin::TwinOptions options);

  twin::HttpResponse handle(const twin::HttpRequest& request) override;
  void populate(const twin::World& world) override;
  std::string key_of(std::string_view stream, const boost::json::object& body) const override;
  std::string next_key(std::string_view stream) override;
  boost::json::object settings(const std::map<std::string, std::string>& urls) const override;
  std::string endpoint_of(const twin::HttpRequest& request) const override;
  // POST /webhook-target {"url","secret"?}: where a person's edits are told from now on; {"url":""}: nowhere.
  // GET, POST /switches {"duplicate_events": bool, "disordered_events": bool}: how they are told.
  // GET /webhook-target: {"url","delivered","given_up","attempts","pending"}.
  std::optional<twin::HttpResponse> control(const twin::HttpRequest& request) override;

 private:
  struct Change {
    std::string stream, key;
  };

  twin::HttpResponse receive(const twin::HttpRequest& request);
  twin::HttpResponse apply(const boost::json::object& event);
  twin::HttpResponse apply_create(const std::string& stream, const boost::json::object& event,
                                  const boost::json::object& data);
  twin::HttpResponse apply_update(const std::string& stream, const boost::json::object& event,
                                  const boost::json::object& data);
  twin::HttpResponse apply_remove(const std::string& stream, const boost::json::object& data);
  twin::HttpResponse list(const std::string& stream, const twin::HttpRequest& request);
  bool is_signed(const twin::HttpRequest& request) const;

  void before_change(const twin::Change& change, boost::json::object& next);
  void after_change(const twin::Change& change, const twin::Record& now);
  void tell(const twin::Change& change, const twin::Record& now);

  std::uint64_t next_number_ = 1;  // of records and of events that this site makes
  // The feed: position of each record's last change, deletions included. Positions only grow.
  std::map<std::string, std::map<std::uint64_t, Change>> feed_;
  std::map<std::string, std::unordered_map<std::string, std::uint64_t>> position_;
  std::uint64_t last_position_ = 0;
  // Answers to events that were taken, by webhook-id, oldest first.
  std::unordered_map<std::string, twin::HttpResponse> answers_;
  std::deque<std::string> answer_order_;

  std::string started_;  // part of our events' ids: a site that was started again does not repeat them
  bool over_quota();

  bool duplicate_events_ = false, disordered_events_ = false;
  std::int64_t calls_per_minute_ = 0;  // of all requests together; 0: no limit
  std::deque<std::int64_t> calls_;
  std::string target_url_, target_secret_;
  std::unique_ptr<twin::EventSender> sender_;
};

std::vector<twin::RecordName> names_of_customer(const twin::SystemCustomer& customer);
std::vector<twin::RecordName> names_of_contact(const twin::SystemContact& contact);

}  // namespace huiliu::webhook_twin
