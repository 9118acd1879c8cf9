# Warnings, sanitizers, linker and compiler cache for everything of ours.
add_library(persona_flags INTERFACE)
target_compile_options(persona_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)
if(PERSONA_WERROR)
  target_compile_options(persona_flags INTERFACE -Werror)
endif()
if(PERSONA_SANITIZE)
  # CAF 0.17.6 binds null references in its own headers, hence -fno-sanitize=null; and looking at a
  # vptr takes a descriptor, which the tests that run out of them do not have.
  add_compile_options(-fsanitize=${PERSONA_SANITIZE} -fno-sanitize=null,vptr -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PERSONA_SANITIZE})
  if(PERSONA_SANITIZE MATCHES thread)
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)  # Asio's fences, once per file
  endif()
endif()
find_program(PERSONA_MOLD mold)
find_program(PERSONA_LLD ld.lld)
if(PERSONA_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(PERSONA_LLD)
  add_link_options(-fuse-ld=lld)
endif()
find_program(PERSONA_CCACHE ccache)
if(PERSONA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
          ${PERSONA_CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

# Headers that most files read, parsed once for all targets: a third of a build's time. How a
# missing #include is noticed all the same stands in docs/testing.md.
set(persona_headers_often
  <algorithm> <array> <charconv> <chrono> <cmath> <functional> <map> <memory> <mutex> <optional>
  <random> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
  <boost/system/result.hpp>)
function(persona_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
  target_link_libraries(${name} PRIVATE persona_flags ${ARG_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_precompile_headers(${name} PRIVATE ${persona_headers_often} ${ARG_HEADERS})
endfunction()

# One library per folder. PUBLIC = may appear in our headers; PRIVATE = .cpp only.
function(persona_library name)
  cmake_parse_arguments(ARG "CAF" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(persona_${name} ${ARG_SOURCES})
  add_library(persona_runtime::${name} ALIAS persona_${name})
  target_include_directories(persona_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/persona_runtime>)
  set_target_properties(persona_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(persona_${name} PUBLIC ${ARG_PUBLIC}
                                        PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:persona_flags>)
  if(ARG_CAF)
    target_precompile_headers(persona_${name} REUSE_FROM persona_caf_headers)
  else()
    target_precompile_headers(persona_${name} REUSE_FROM persona_headers)
  endif()
endfunction()

# What runs under the thread sanitizer in CI: suites with one of these labels (threads and sockets
# of ours, parsers, actors on one thread), and others in which threads meet. What only computes is
# left out. So is the program as a whole: on CAF's own threads the packaged library, which is not
# instrumented, gives false reports; bootstrap/tsan-all builds that library too.
set(persona_tsan_labels actors api providers)
set(persona_tsan_suites bench_parts_test cli_runs_test text_test)
# One thread, and a library (hnswlib) whose locks the sanitizer finds in two orders on it: races are
# looked for there, orders of locks are not.
set(persona_tsan_any_lock_order embed_test)

# One test program. Its cases are found when it runs, so their names are ctest's, each in a process
# of its own; but a sanitized process takes its time to start, so there a program is one test.
function(persona_test name)
  cmake_parse_arguments(ARG "CAF" "" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE persona_test_main ${ARG_LINK} persona_flags)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE PERSONA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(name IN_LIST persona_tsan_suites OR ARG_LABELS IN_LIST persona_tsan_labels)
    list(APPEND ARG_LABELS tsan)
    add_dependencies(tsan_tests ${name})
  endif()
  if(ARG_CAF)
    target_precompile_headers(${name} REUSE_FROM persona_caf_test_headers)
  else()
    target_precompile_headers(${name} REUSE_FROM persona_test_headers)
  endif()
  list(JOIN ARG_LABELS "_" label)  # one word, as Catch's script wants it; ctest -L finds parts
  if(PERSONA_SANITIZE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${label}" TIMEOUT 600)
    if(name IN_LIST persona_tsan_any_lock_order)
      set_tests_properties(${name} PROPERTIES ENVIRONMENT TSAN_OPTIONS=detect_deadlocks=0)
    endif()
  else()
    catch_discover_tests(${name} PROPERTIES LABELS "${label}")
  endif()
endfunction()
