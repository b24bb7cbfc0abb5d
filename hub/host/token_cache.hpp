// Tokens that connectors have fetched (huiliu_connector.authenticate), shared as their credential's scope
// says.
//
// Single flight: while one thread fetches a token, all others that want it wait for that one fetch, and share
// its failure too, so that a wrong password is tried once and not by every worker. Only when the fetch was
// cancelled does the next waiter fetch itself.
//
// Threads: all members from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "hub/host/host_pattern.hpp"
#include "hub/model/result.hpp"
#include "hub/model/time.hpp"

namespace huiliu::host {

struct TokenPlacement {
  enum class Kind { header = 1, query = 2, cookie = 3 };
  Kind kind = Kind::header;
  std::string name;
  std::string value;       // template; "{token}" stands for the text
  bool everywhere = true;  // else only where `host` fits
  HostPattern host = {};
};

struct Token {
  std::string text;
  model::Micros expires_at = model::unknown_time;  // unknown: until it is refused
  std::vector<TokenPlacement> placements;
};

// A token in use. The generation tells it from those before and after it under the same key.
struct HeldToken {
  Token token;
  std::uint64_t generation = 0;
};

class TokenCache {
 public:
  using Fetch = std::function<model::Result<Token>(std::uint32_t pool_index)>;

  // A token in use by one request; counts as load on its place in the pool until it is destroyed.
  class Lease {
   public:
    Lease() = default;
    Lease(std::shared_ptr<const HeldToken> token, std::shared_ptr<std::uint32_t> load, TokenCache* cache,
          std::uint32_t pool_index)
        : token_(std::move(token)), load_(std::move(load)), cache_(cache), pool_index_(pool_index) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();
    const HeldToken& held() const { return *token_; }
    std::uint32_t pool_index() const { return pool_index_; }

   private:
    std::shared_ptr<const HeldToken> token_;
    std::shared_ptr<std::uint32_t> load_;
    TokenCache* cache_ = nullptr;
    std::uint32_t pool_index_ = 0;
  };

  // The current token of the least busy of the `pool` places under `key`, or a fetched one when there is none
  // or it is about to expire. The cache outlives its leases.
  model::Result<Lease> acquire(const std::string& key, std::uint32_t pool, model::Micros now,
                               const Fetch& fetch, const std::stop_token& stop);

  // Drops the token of that place if it still is that generation.
  void invalidate(const std::string& key, std::uint32_t pool_index, std::uint64_t generation);

 private:
  struct Place {
    std::shared_ptr<const HeldToken> token;
    model::Micros renew_at = model::unknown_time;  // unknown: never by itself
    std::shared_ptr<std::uint32_t> load = std::make_shared<std::uint32_t>(0);
    std::uint64_t fetches_begun = 0, fetches_ended = 0;
    bool fetching = false;
    bool cancelled = false;   // how the last fetch ended
    model::Error last_error;  // of the last fetch, when it ended without a token
    bool failed = false;
  };

  std::size_t least_busy(const std::vector<std::shared_ptr<Place>>& places) const;

  std::mutex mutex_;
  std::condition_variable_any fetched_;
  std::uint64_t next_generation_ = 1;
  std::map<std::string, std::vector<std::shared_ptr<Place>>> pools_;
};

}  // namespace huiliu::host
