#include "providers/tools/builtin.hpp"

#include "domain/tool/result_bounds.hpp"
#include "providers/tools/checked_tool.hpp"

#include <boost/core/demangle.hpp>

#include <new>
#include <typeinfo>

namespace persona_runtime {
namespace {

std::string short_name(const std::exception& error) {
  const auto name = boost::core::demangle(typeid(error).name());
  const auto colon = name.rfind(':');
  return colon == std::string::npos ? name : name.substr(colon + 1);
}

/// TC-04: whatever a function throws is the model's to read, and never leaves the tool.
tool_result run_guarded(const builtin_function& function, const builtin_call& call) {
  try {
    return function(call);
  } catch (const tool_error& error) {
    return error_result(error.kind() + ": " + error.what());
  } catch (const std::bad_alloc&) {
    return error_result("MemoryError: the call needed more memory than there is");
  } catch (const std::exception& error) {
    return error_result(short_name(error) + ": " + error.what());
  } catch (...) {
    return error_result("UnknownError: the tool ended without saying why");
  }
}

class stop_handle final : public pending_call {
public:
  explicit stop_handle(std::stop_source source) : source_{std::move(source)} {}
  void cancel() noexcept override { source_.request_stop(); }

private:
  std::stop_source source_;
};

class function_body final : public tool_body {
public:
  function_body(tool_definition definition, std::shared_ptr<worker_pool> pool,
                builtin_function function)
    : definition_{std::move(definition)}, pool_{std::move(pool)},
      function_{std::make_shared<const builtin_function>(std::move(function))} {}

  const tool_definition& definition() const override { return definition_; }

  /// A job of its own, although checked_tool calls this on a pool thread already: the handle has
  /// to exist while the function runs, or cancel() could not reach it.
  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    auto source = std::stop_source{};
    auto answer = std::make_shared<const on_done>(std::move(done));
    auto job = [f = function_, token = source.get_token(), answer, request = std::move(request)] {
      if (!token.stop_requested())
        (*answer)(run_guarded(*f, {request, token}));
    };
    if (!pool_->submit(std::move(job)))
      (*answer)(error_result("Overloaded: too many tool calls are waiting; try again later"));
    return std::make_unique<stop_handle>(std::move(source));
  }

private:
  tool_definition definition_;
  std::shared_ptr<worker_pool> pool_;
  std::shared_ptr<const builtin_function> function_;
};

}  // namespace

std::shared_ptr<tool_body> make_builtin(tool_definition definition,
                                        std::shared_ptr<worker_pool> pool,
                                        builtin_function function) {
  auto body = std::make_shared<function_body>(std::move(definition), pool, std::move(function));
  return checked_tool(std::move(body), std::move(pool));
}

}  // namespace persona_runtime
