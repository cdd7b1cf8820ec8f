// How a request failed, kept until it can be told.
#pragma once

#include <memory>
#include <new>
#include <utility>

#include "base/error.h"

namespace rmq::remoting {

// Code and outcome always have room, the rest of the error as far as there is memory. So a request
// ends with or without memory.
class NotedError {
 public:
  NotedError() = default;
  NotedError(base::Error error) noexcept  // NOLINT: conversion intended
      : code_(error.code),
        outcome_(error.outcome),
        full_(new(std::nothrow) base::Error(std::move(error))) {}

  explicit operator bool() const { return code_ != base::ErrorCode::OK; }
  base::Outcome outcome() const { return outcome_; }

  // Holds nothing afterwards.
  base::Error take() noexcept {
    base::Error error;
    if (full_) error = std::move(*full_);
    full_.reset();
    error.code = std::exchange(code_, base::ErrorCode::OK);
    error.outcome = outcome_;
    return error;
  }

 private:
  base::ErrorCode code_ = base::ErrorCode::OK;
  base::Outcome outcome_ = base::Outcome::not_applied;
  std::unique_ptr<base::Error> full_;
};

}  // namespace rmq::remoting
