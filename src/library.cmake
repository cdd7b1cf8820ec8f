# The library itself, from the layers: shared, static, header, cdef header and pkg-config file. Nothing here compiles a
# source; src/<layer>/CMakeLists.txt do.

set(layers base wire transport protocol remoting event config cluster client producer consumer admin capi)
list(TRANSFORM layers PREPEND rmq_)
set(layer_objects "")
foreach(layer IN LISTS layers)
  if(TARGET ${layer})
    list(APPEND layer_objects $<TARGET_OBJECTS:${layer}>)
  endif()
endforeach()

target_compile_definitions(rmq_capi PRIVATE RMQ_BUILDING)
target_include_directories(rmq_capi PUBLIC ${PROJECT_SOURCE_DIR}/include)

# capi enters as objects, because --exclude-libs hides whatever comes out of an archive.
set(version_script ${CMAKE_CURRENT_SOURCE_DIR}/capi/rocketmq_c.map)
add_library(rocketmq_c SHARED $<TARGET_OBJECTS:rmq_capi>)
target_link_libraries(rocketmq_c PRIVATE rmq_capi)
target_include_directories(rocketmq_c INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_options(rocketmq_c PRIVATE
  -Wl,--version-script=${version_script} -Wl,--exclude-libs,ALL -Wl,--as-needed)
if(NOT RMQ_SANITIZE AND NOT RMQ_BUILD_FUZZ)
  target_link_options(rocketmq_c PRIVATE -Wl,-z,defs)
endif()
set_target_properties(rocketmq_c PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} LINKER_LANGUAGE CXX LINK_DEPENDS ${version_script}
  SKIP_BUILD_RPATH ON INSTALL_RPATH "" INSTALL_RPATH_USE_LINK_PATH OFF)

add_library(rocketmq_c_static STATIC ${layer_objects})
target_link_libraries(rocketmq_c_static INTERFACE rmq_capi)
target_include_directories(rocketmq_c_static INTERFACE ${PROJECT_SOURCE_DIR}/include)
set_target_properties(rocketmq_c_static PROPERTIES OUTPUT_NAME rocketmq_c LINKER_LANGUAGE CXX)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(cdef_header ${PROJECT_BINARY_DIR}/rocketmq_c.cdef.h)
set(cdef_tools ${PROJECT_SOURCE_DIR}/tools/make_cdef.py ${PROJECT_SOURCE_DIR}/tools/c_header.py)
add_custom_command(OUTPUT ${cdef_header}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/make_cdef.py --compiler ${CMAKE_C_COMPILER}
          ${PROJECT_SOURCE_DIR}/include/rocketmq_c.h ${cdef_header}
  DEPENDS ${PROJECT_SOURCE_DIR}/include/rocketmq_c.h ${cdef_tools}
  COMMENT "Making rocketmq_c.cdef.h" VERBATIM)
add_custom_target(rocketmq_c_cdef ALL DEPENDS ${cdef_header})

# The .pc file finds its prefix from its own place, so that an installed tree may be moved.
file(RELATIVE_PATH RMQ_PREFIX_FROM_PKGCONFIG /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" RMQ_PREFIX_FROM_PKGCONFIG "${RMQ_PREFIX_FROM_PKGCONFIG}")
configure_file(${PROJECT_SOURCE_DIR}/pkgconfig/rocketmq_c.pc.in ${PROJECT_BINARY_DIR}/rocketmq_c.pc @ONLY)

install(TARGETS rocketmq_c rocketmq_c_static)
install(FILES ${PROJECT_SOURCE_DIR}/include/rocketmq_c.h ${cdef_header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_BINARY_DIR}/rocketmq_c.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
