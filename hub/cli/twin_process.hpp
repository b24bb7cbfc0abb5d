// A twin in a child process, owned: it ends when its owner goes away, however that happens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::cli {

class TwinProcess {
 public:
  // Starts the program and waits for its ready line. Errors say what the program said.
  static model::Result<std::unique_ptr<TwinProcess>> start(const std::string& program,
                                                           const std::vector<std::string>& arguments);
  ~TwinProcess();
  TwinProcess(const TwinProcess&) = delete;
  TwinProcess& operator=(const TwinProcess&) = delete;

  const model::Value& ready() const { return ready_; }  // {"vendor","url","control","settings",…}

 private:
  TwinProcess() = default;
  int pid_ = -1;
  int stdin_ = -1;  // closing it ends the twin
  model::Value ready_;
};

}  // namespace huiliu::cli
