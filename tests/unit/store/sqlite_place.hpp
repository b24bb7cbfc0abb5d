// A temporary directory with one SQLite store in it.
#pragma once

#include <string>

#include "tests/unit/store/contract.hpp"

namespace huiliu::store::fakes {

class SqlitePlace final : public Place {
 public:
  SqlitePlace();
  ~SqlitePlace() override;

  std::string path() const { return directory_ + "/store.db"; }
  std::string url() const override { return "sqlite:" + path(); }
  std::string cramped_url() const override { return url() + "?max_pages=800"; }
  std::string backup_path() const override { return directory_ + "/backup.db"; }
  void make_newer() override;
  void damage() override;
  void make_foreign() override;

 private:
  std::string directory_;
};

}  // namespace huiliu::store::fakes
