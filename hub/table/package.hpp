// The zip container of a workbook, read with distrust: it comes from anywhere. What is too big, too dense, or
// no workbook at all is refused before it is unpacked; a part that unpacks to more than allowed is cut off
// with an error. Used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::table {

struct Limits {
  std::uint64_t file_bytes = std::uint64_t{256} << 20;
  std::uint64_t part_bytes = std::uint64_t{1} << 30;        // of one part, unpacked
  std::uint64_t dense_from_bytes = std::uint64_t{8} << 20;  // below this nobody asks how well it is packed
  std::uint64_t ratio = 300;                                // unpacked to packed, beyond that
  std::size_t parts = 10'000;
  std::size_t depth = 64;                               // of XML elements
  std::uint64_t text_bytes = std::uint64_t{512} << 20;  // of all shared strings together
  std::uint64_t rows = 1'048'576;
  std::size_t columns = 1024;
};

class Package {
 public:
  // Errors (data): no file, no zip, an old or encrypted workbook, too big; each says what to do.
  static model::Result<std::unique_ptr<Package>> open(const std::string& path, const Limits& limits);
  ~Package();

  bool contains(const std::string& part) const;
  std::vector<std::string> parts() const;
  // Lets `use` read the part; its error, or that of the container, is returned.
  model::Status read(const std::string& part, const std::function<model::Status(std::istream&)>& use);

  const std::string& path() const { return path_; }
  const Limits& limits() const { return limits_; }

 private:
  struct Archive;
  Package(std::string path, const Limits& limits);

  std::string path_;
  Limits limits_;
  std::unique_ptr<Archive> archive_;
};

}  // namespace huiliu::table
