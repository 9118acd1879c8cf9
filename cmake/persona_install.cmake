# What `cmake --install` puts where, so that other projects can find_package(persona_runtime).
# Libraries for the rules (domain), the whole engine, and the providers that come with it.
include(CMakePackageConfigHelpers)
set(persona_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/persona_runtime)

install(TARGETS
  persona_domain persona_messages persona_provider_interfaces persona_actors persona_edge
  persona_engine persona_data_files persona_boost_net persona_providers_http persona_providers_store
  persona_providers_embed persona_providers_embed_http persona_providers_chat persona_stand_ins
  persona_first_tokens persona_tools persona_tools_outside persona_skill_directory
  EXPORT persona_runtime_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT persona_runtime_targets
  NAMESPACE persona_runtime:: FILE persona_runtimeTargets.cmake DESTINATION ${persona_cmake_dir})
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/persona_runtimeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/persona_runtimeConfig.cmake INSTALL_DESTINATION ${persona_cmake_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/persona_runtimeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/persona_runtimeConfig.cmake
  ${PROJECT_BINARY_DIR}/persona_runtimeConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake
  DESTINATION ${persona_cmake_dir})

# Public headers: the engine, the domain, and the interfaces and adapters of providers.
install(DIRECTORY domain providers
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/persona_runtime FILES_MATCHING PATTERN "*.hpp")
install(FILES bootstrap/engine.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/persona_runtime/bootstrap)
install(FILES api/backend.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/persona_runtime/api)
