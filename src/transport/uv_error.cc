#include "transport/uv_error.h"

#include <uv.h>

namespace rmq::transport {
namespace {

base::ErrorCode map_code(int uv_code) {
  using base::ErrorCode;
  switch (uv_code) {
    case UV_ECONNREFUSED:
      return ErrorCode::REFUSED;
    case UV_ENETUNREACH:
    case UV_EHOSTUNREACH:
    case UV_ENETDOWN:
    case UV_EADDRNOTAVAIL:
    case UV_EAFNOSUPPORT:
      return ErrorCode::UNREACHABLE;
    case UV_EOF:
    case UV_EPIPE:
    case UV_ECONNRESET:
    case UV_ECONNABORTED:
    case UV_ENOTCONN:
      return ErrorCode::RESET;
    case UV_ETIMEDOUT:
      return ErrorCode::CONNECT_TIMEOUT;
    case UV_ENOMEM:
    case UV_ENOBUFS:
      return ErrorCode::MEMORY;
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_EBADF:  // the program has closed it
      return ErrorCode::DESCRIPTORS;
    default:
      return ErrorCode::NETWORK;
  }
}

}  // namespace

base::Error map_uv_error(int uv_code, const std::string& what) {
  if (uv_code == UV_EOF) {
    return base::make_error(base::ErrorCode::RESET, what + ": closed by the peer");
  }
  char text[128];
  char name[32];
  uv_strerror_r(uv_code, text, sizeof text);
  uv_err_name_r(uv_code, name, sizeof name);
  return base::make_error(map_code(uv_code), what + ": " + text + " (" + name + ")");
}

}  // namespace rmq::transport
