-- RocketMQ for LuaJIT. Failing functions return nil and an error table (rocketmq_c.error); tokens are numbers below 2^53. A word that
-- no table of codes has, and a body that must not be pinned, are mistakes of the program: error() tells them.
--
-- Objects are tables around one handle each, given up when collected. Order and moment of that do not matter: pending sends of
-- a producer that is collected end with SHUTDOWN, each with its event.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local codes = require("rocketmq_c.codes")
local config = require("rocketmq_c.config")
local message = require("rocketmq_c.message")

local M = {
  C = C,
  codes = codes,
  batch = require("rocketmq_c.batch"),
  config = config.new,
  options = config.options,
  message = message.new,
  message_from = message.from,
  destination = message.destination,
  selected_destination = message.selected_destination,
  decode = require("rocketmq_c.received").decode,
  runtime = require("rocketmq_c.runtime").new,
}

-- Names a number, for example "TOO_LARGE"; "UNKNOWN" when the library does not know it. group: a word of codes.name_group.
function M.name(group, number) return ffi.string(C.rmq_name(call.number(codes.name_group, group, "group"), number)) end

-- Describes a number in one sentence.
function M.sentence(group, number)
  return ffi.string(C.rmq_sentence(call.number(codes.name_group, group, "group"), number))
end

-- The version of the library that is loaded: major * 1000000 + minor * 1000 + patch, and as text.
function M.version() return C.rmq_version(), ffi.string(C.rmq_version_text()) end

return M
