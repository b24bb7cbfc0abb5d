#include "hub/table/package.hpp"

#include <Poco/Exception.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace huiliu::table {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

namespace {

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MB"; }

// Passes on at most `limit` bytes and remembers that there were more.
class Meter final : public std::streambuf {
 public:
  Meter(std::istream& source, std::uint64_t limit) : source_(source), left_(limit) {}
  bool exceeded() const { return exceeded_; }

 protected:
  int_type underflow() override {
    source_.read(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
    const auto got = static_cast<std::uint64_t>(source_.gcount());
    exceeded_ = exceeded_ || got > left_;
    if (got == 0 || exceeded_) return traits_type::eof();
    left_ -= got;
    setg(chunk_.data(), chunk_.data(), chunk_.data() + got);
    return traits_type::to_int_type(*gptr());
  }

 private:
  std::istream& source_;
  std::uint64_t left_;
  bool exceeded_ = false;
  std::array<char, 65536> chunk_{};
};

Status check_magic(std::istream& file, const std::string& path) {
  std::array<char, 8> begin{};
  file.read(begin.data(), begin.size());
  const std::string_view head(begin.data(), static_cast<std::size_t>(file.gcount()));
  if (head.starts_with("PK\x03\x04")) return {};
  if (head.starts_with("\xD0\xCF\x11\xE0"))
    return make_error(ErrorClass::data,
                      "this is an old .xls workbook or one with a password; save it as .xlsx without one",
                      path);
  return make_error(ErrorClass::data, "this is no Excel workbook (.xlsx)", path);
}

}  // namespace

struct Package::Archive {
  std::ifstream file;
  std::unique_ptr<Poco::Zip::ZipArchive> zip;
};

Package::Package(std::string path, const Limits& limits)
    : path_(std::move(path)), limits_(limits), archive_(std::make_unique<Archive>()) {}
Package::~Package() = default;

Result<std::unique_ptr<Package>> Package::open(const std::string& path, const Limits& limits) {
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  if (error) return make_error(ErrorClass::data, "the file cannot be read: " + error.message(), path);
  if (bytes > limits.file_bytes)
    return make_error(ErrorClass::data,
                      "the file has " + megabytes(bytes) + ", more than the " + megabytes(limits.file_bytes) +
                          " that are read; split it",
                      path);
  std::unique_ptr<Package> package(new Package(path, limits));
  std::ifstream& file = package->archive_->file;
  file.open(path, std::ios::binary);
  if (!file) return make_error(ErrorClass::data, "the file cannot be read", path);
  HUILIU_TRY(check_magic(file, path));
  file.clear();
  file.seekg(0);
  try {
    package->archive_->zip = std::make_unique<Poco::Zip::ZipArchive>(file);
  } catch (const Poco::Exception& damaged) {
    return make_error(ErrorClass::data, "the workbook is damaged: " + damaged.displayText(), path);
  }
  const auto& zip = *package->archive_->zip;
  const auto count = static_cast<std::size_t>(std::distance(zip.headerBegin(), zip.headerEnd()));
  if (count > limits.parts)
    return make_error(ErrorClass::data, "the workbook has " + std::to_string(count) + " parts: refused",
                      path);
  return package;
}

bool Package::contains(const std::string& part) const {
  return archive_->zip->findHeader(part) != archive_->zip->headerEnd();
}

std::vector<std::string> Package::parts() const {
  std::vector<std::string> names;
  for (auto entry = archive_->zip->headerBegin(); entry != archive_->zip->headerEnd(); ++entry)
    names.push_back(entry->first);
  return names;
}

Status Package::read(const std::string& part, const std::function<Status(std::istream&)>& use) {
  const auto found = archive_->zip->findHeader(part);
  if (found == archive_->zip->headerEnd())
    return make_error(ErrorClass::data, "the workbook lacks its part " + part, path_);
  const auto packed = static_cast<std::uint64_t>(found->second.getCompressedSize());
  const std::uint64_t dense = std::max(limits_.dense_from_bytes, packed * limits_.ratio);
  const std::uint64_t limit = std::min(limits_.part_bytes, dense);
  try {
    archive_->file.clear();
    Poco::Zip::ZipInputStream unpacked(archive_->file, found->second);
    Meter meter(unpacked, limit);
    std::istream in(&meter);
    Status used = use(in);
    if (meter.exceeded())
      return make_error(
          ErrorClass::data,
          part + " unpacks to more than " + megabytes(limit) + " from " + megabytes(packed) + ": refused",
          path_);
    return used;
  } catch (const Poco::Exception& damaged) {
    return make_error(ErrorClass::data, part + " is damaged: " + damaged.displayText(), path_);
  }
}

}  // namespace huiliu::table
