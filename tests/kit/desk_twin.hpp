// The remote of the kit's own tests: a small desk of cards behind a token, with pages, changes, versions and
// batches.
#pragma once

#include "sdk/twin/twin.hpp"

namespace huiliu::kit {

class DeskTwin final : public twin::Twin {
 public:
  static constexpr std::string_view secret = "desk-secret-42";
  static constexpr std::size_t cards = 37, page = 10;

  explicit DeskTwin(twin::TwinOptions options);
  twin::HttpResponse handle(const twin::HttpRequest& request) override;
  void populate(const twin::World&) override {}
  std::string key_of(std::string_view stream, const boost::json::object& body) const override;
  void expire_tokens() override { ++generation_; }

 private:
  twin::HttpResponse list(const twin::HttpRequest& request) const;
  twin::HttpResponse put(std::string_view key, std::string_view if_match, const std::string& body);
  twin::HttpResponse batch(const std::string& body);

  std::int64_t generation_ = 1, moment_ = 0;
};

}  // namespace huiliu::kit
