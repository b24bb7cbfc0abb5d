// Inside a mapping: its lenses as the loader makes them and decode and encode use them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/expr/expr.hpp"
#include "hub/mapping/codec.hpp"
#include "hub/mapping/rules.hpp"

namespace huiliu::mapping {

// One field's lens.
struct Lens {
  FieldIndex field = model::no_field;
  const model::Field* definition = nullptr;
  std::string path, write_path, codec_name;
  Direction direction = Direction::both;
  std::unique_ptr<Codec> codec;
  bool required = false;      // decode: a record without it is parked
  bool create_needs = false;  // the system wants it on create
  bool natural_key = false;
  bool null_is_absent = false;
  std::size_t max_length = 0;           // characters; 0: none
  std::vector<std::string> empties;     // texts that mean empty here ("0", "1900-01-01T00:00:00")
  std::optional<FieldValue> otherwise;  // what a record without a value stands for
  std::optional<model::Value> clear;    // what is written to clear it
  std::optional<expr::Program> in, out, when;

  bool reads() const { return direction != Direction::out; }
  bool writes() const { return direction != Direction::in; }
};

struct PartLens {
  std::string field, path;
  std::unique_ptr<Codec> codec;
};

struct Parts {
  std::string path, organisation, key;  // the array in the record; paths inside one element
  std::vector<PartLens> lenses;
};

// The system's own switch (禁用, 停用): what stands at `path` when a record is out of use, and otherwise.
struct Switch {
  std::string path;
  model::Value value, otherwise;
};

struct StreamMapping::Impl {
  std::vector<Lens> lenses;
  std::optional<Switch> disabled;
  std::optional<Parts> parts;
  std::optional<expr::Program> filter, pending;
  std::string leader;
  std::vector<std::pair<std::string, model::Value>> constants;
  RuleSet rules;

  const Lens* writer(FieldIndex field) const {
    for (const Lens& lens : lenses)
      if (lens.field == field && lens.writes()) return &lens;
    return nullptr;
  }
};

}  // namespace huiliu::mapping
