#include "hub/run/waiting_records.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "hub/model/id.hpp"

namespace huiliu::run {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

namespace {

Status failed(const char* what) {
  return make_error(ErrorClass::retry, std::string("records that wait for their pass could not be ") + what +
                                           " the temporary directory (TMPDIR): " + std::strerror(errno));
}

// What stands before the texts of a record: their lengths, and what is not text.
struct Head {
  std::uint64_t key = 0, token = 0, raw = 0;
  std::int64_t changed_at = 0;
  std::uint64_t deleted = 0;
};

std::size_t bytes_of(const ReceivedRecord& record) {
  // A parsed body takes some five times the room of its text.
  return sizeof(ReceivedRecord) + record.key.size() + record.token.size() + 6 * record.raw.size();
}

}  // namespace

Status WaitingRecords::open() {
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "huiliu-waiting-XXXXXX").string();
  const int descriptor = error ? -1 : ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return failed("kept in");
  ::unlink(name.c_str());
  file_.reset(::fdopen(descriptor, "w+b"));
  return file_ == nullptr ? failed("kept in") : Status{};
}

Status WaitingRecords::write(const ReceivedRecord& record) {
  if (file_ == nullptr) HUILIU_TRY(open());
  if (::fseeko(file_.get(), 0, SEEK_END) != 0) return failed("kept in");
  const Head head{record.key.size(), record.token.size(), record.raw.size(), record.changed_at,
                  record.deleted ? 1U : 0U};
  bool written = std::fwrite(&head, sizeof head, 1, file_.get()) == 1;
  for (const std::string* text : {&record.key, &record.token, &record.raw})
    written = written && std::fwrite(text->data(), 1, text->size(), file_.get()) == text->size();
  return written ? Status{} : failed("kept in");
}

Result<ReceivedRecord> WaitingRecords::read() {
  Head head;
  bool found = std::fread(&head, sizeof head, 1, file_.get()) == 1;
  ReceivedRecord record;
  const std::array texts{std::pair(&record.key, head.key), std::pair(&record.token, head.token),
                         std::pair(&record.raw, head.raw)};
  for (const auto& [text, length] : texts) {
    if (!found) break;
    text->resize(length);
    found = std::fread(text->data(), 1, length, file_.get()) == length;
  }
  if (!found) return failed("read back from").error();
  record.changed_at = head.changed_at;
  record.deleted = head.deleted != 0;
  if (record.deleted) return record;
  HUILIU_ASSIGN(record.body, model::parse_json(record.raw));
  return record;
}

Status WaitingRecords::add(ReceivedRecord record) {
  const std::uint64_t key = model::hash64(record.key);
  const std::size_t more = bytes_of(record);
  if (in_file_ == 0 && bytes_ + more <= most_bytes_) {
    bytes_ += more;
    in_memory_.push_back(std::move(record));
  } else {
    HUILIU_TRY(write(record));
    ++in_file_;
  }
  key_sum_ += key;
  return {};
}

Result<std::vector<ReceivedRecord>> WaitingRecords::take(std::size_t most) {
  std::vector<ReceivedRecord> taken;
  for (; taken.size() < most && !in_memory_.empty(); in_memory_.pop_front()) {
    bytes_ -= bytes_of(in_memory_.front());
    taken.push_back(std::move(in_memory_.front()));
  }
  if (in_file_ > 0 && ::fseeko(file_.get(), read_to_, SEEK_SET) != 0) return failed("read back from").error();
  for (; taken.size() < most && in_file_ > 0; --in_file_) {
    HUILIU_ASSIGN(ReceivedRecord record, read());
    taken.push_back(std::move(record));
  }
  for (const ReceivedRecord& record : taken) key_sum_ -= model::hash64(record.key);
  read_to_ = in_file_ > 0 ? ::ftello(file_.get()) : 0;
  if (in_file_ == 0) file_.reset();
  return taken;
}

void WaitingRecords::clear() { *this = WaitingRecords(most_bytes_); }

}  // namespace huiliu::run
