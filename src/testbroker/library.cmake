# librocketmq_testbroker: the embedded broker for the tests of every language. Shared, with its header, cdef header and
# pkg-config file. Nothing of the client is in it. Its one source of its own is the edge, which has to be an object:
# --exclude-libs hides whatever comes out of an archive.

set(version_script ${CMAKE_CURRENT_SOURCE_DIR}/testbroker/rocketmq_testbroker.map)
add_library(rocketmq_testbroker SHARED testbroker/c_interface.cc)
target_compile_definitions(rocketmq_testbroker PRIVATE RMQ_TESTBROKER_BUILDING)
target_link_libraries(rocketmq_testbroker PRIVATE rmq_testbroker)
target_include_directories(rocketmq_testbroker PUBLIC ${PROJECT_SOURCE_DIR}/include)
target_link_options(rocketmq_testbroker PRIVATE
  -Wl,--version-script=${version_script} -Wl,--exclude-libs,ALL -Wl,--as-needed)
if(NOT RMQ_SANITIZE AND NOT RMQ_BUILD_FUZZ)
  target_link_options(rocketmq_testbroker PRIVATE -Wl,-z,defs)
endif()
set_target_properties(rocketmq_testbroker PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} LINK_DEPENDS ${version_script}
  SKIP_BUILD_RPATH ON INSTALL_RPATH "" INSTALL_RPATH_USE_LINK_PATH OFF)

set(testbroker_cdef_header ${PROJECT_BINARY_DIR}/rocketmq_testbroker.cdef.h)
add_custom_command(OUTPUT ${testbroker_cdef_header}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/make_cdef.py --compiler ${CMAKE_C_COMPILER}
          ${PROJECT_SOURCE_DIR}/include/rocketmq_testbroker.h ${testbroker_cdef_header}
  DEPENDS ${PROJECT_SOURCE_DIR}/include/rocketmq_testbroker.h ${cdef_tools}
  COMMENT "Making rocketmq_testbroker.cdef.h" VERBATIM)
add_custom_target(rocketmq_testbroker_cdef ALL DEPENDS ${testbroker_cdef_header})

configure_file(${PROJECT_SOURCE_DIR}/pkgconfig/rocketmq_testbroker.pc.in
  ${PROJECT_BINARY_DIR}/rocketmq_testbroker.pc @ONLY)

install(TARGETS rocketmq_testbroker rmq-testbroker)
install(FILES ${PROJECT_SOURCE_DIR}/include/rocketmq_testbroker.h ${testbroker_cdef_header}
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_BINARY_DIR}/rocketmq_testbroker.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
