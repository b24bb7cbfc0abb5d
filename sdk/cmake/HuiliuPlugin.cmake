# What the build of a plugin needs. Usable inside the project and from outside: include(HuiliuPlugin).
set(HUILIU_SDK_DIR ${CMAKE_CURRENT_LIST_DIR}/..)
# An installed SDK says where its headers are; in the project's own tree they stand beside this file.
if(NOT HUILIU_SDK_INCLUDE)
  set(HUILIU_SDK_INCLUDE ${HUILIU_SDK_DIR}/include)
endif()

# huiliu_embed_manifests(TARGET FILE...)
# Makes each manifest file a constant: for path/manifest.json, #include "huiliu_manifests.hpp" gives
# huiliu::manifests::manifest (named for the file without its extension), a std::string_view of its exact bytes.
# A file that is not JSON, or has no id, stops the configuration; a changed file runs it again.
function(huiliu_embed_manifests target)
  set(header "// Generated from the manifest files; do not edit.\n#pragma once\n\n#include <string_view>\n\nnamespace huiliu::manifests {\n")
  foreach(file ${ARGN})
    get_filename_component(path ${file} ABSOLUTE)
    get_filename_component(stem ${file} NAME_WE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(READ ${path} text)
    string(JSON id ERROR_VARIABLE problem GET "${text}" id)
    if(problem)
      message(FATAL_ERROR "${path}: not a manifest: ${problem}")
    endif()
    string(FIND "${text}" ")huiliu\"" collision)
    if(NOT collision EQUAL -1)
      message(FATAL_ERROR "${path}: holds the text )huiliu\", which ends the generated literal")
    endif()
    string(APPEND header "inline constexpr std::string_view ${stem} = R\"huiliu(${text})huiliu\";\n")
  endforeach()
  string(APPEND header "}  // namespace huiliu::manifests\n")
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/${target}_manifests)
  set(before "")
  if(EXISTS ${directory}/huiliu_manifests.hpp)
    file(READ ${directory}/huiliu_manifests.hpp before)
  endif()
  if(NOT before STREQUAL header)
    file(WRITE ${directory}/huiliu_manifests.hpp "${header}")
  endif()
  target_include_directories(${target} PRIVATE ${directory})
endfunction()

# huiliu_add_plugin(NAME SOURCES ... [LIBRARIES ...] [MANIFEST file.json...] [MAPPING file.yaml])
# Builds libhuiliu-NAME.so with exactly one exported symbol, the plugin entry. MAPPING: the default mapping of the
# (first) manifest's connector, copied beside the library under the name that a hub looks for.
function(huiliu_add_plugin name)
  cmake_parse_arguments(ARG "" "MAPPING" "SOURCES;LIBRARIES;MANIFEST" ${ARGN})
  set(target huiliu_plugin_${name})
  add_library(${target} MODULE ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${HUILIU_SDK_INCLUDE})
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES})
  if(ARG_MANIFEST)
    huiliu_embed_manifests(${target} ${ARG_MANIFEST})
  endif()
  if(ARG_MAPPING)
    list(GET ARG_MANIFEST 0 first)
    file(READ ${first} text)
    string(JSON id GET "${text}" id)
    get_filename_component(mapping ${ARG_MAPPING} ABSOLUTE)
    add_custom_command(TARGET ${target} POST_BUILD COMMAND ${CMAKE_COMMAND} -E copy_if_different
      ${mapping} $<TARGET_FILE_DIR:${target}>/${id}.mapping.yaml)
  endif()
  set_target_properties(${target} PROPERTIES OUTPUT_NAME huiliu-${name}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
  endif()
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${HUILIU_SDK_INCLUDE}/huiliu/plugin.version)
  if(NOT HUILIU_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

# The program `huiliu`, which tests plugins: HUILIU_PROGRAM, or what stands beside the SDK or in the path.
function(huiliu_find_program)
  find_program(HUILIU_PROGRAM huiliu HINTS ${HUILIU_SDK_PROGRAMS})
  if(NOT HUILIU_PROGRAM)
    message(FATAL_ERROR "The program huiliu was not found; it runs the tests. Set HUILIU_PROGRAM to its path.")
  endif()
endfunction()

# huiliu_add_kit_test(NAME [TWIN target])
# Two tests: the conformance kit on libhuiliu-NAME.so against its twin, in the kit's process and in a sandboxed child.
function(huiliu_add_kit_test name)
  cmake_parse_arguments(ARG "" "TWIN" "" ${ARGN})
  huiliu_find_program()
  set(twin "")
  if(ARG_TWIN)
    set(twin --twin $<TARGET_FILE:${ARG_TWIN}>)
  endif()
  foreach(isolation process child)
    add_test(NAME ${name}_kit_${isolation}
      COMMAND ${HUILIU_PROGRAM} plugin test $<TARGET_FILE:huiliu_plugin_${name}> ${twin} --isolation ${isolation})
    set_tests_properties(${name}_kit_${isolation} PROPERTIES TIMEOUT 600)
  endforeach()
endfunction()

# huiliu_add_call_test(NAME NAME test OP op SETTINGS file SCRIPT file EXPECT file [ARGUMENTS ...])
# One operation with scripted HTTP, a standing clock and seeded dice; its output must be EXPECT, byte for byte.
set(HUILIU_CALL_TEST ${CMAKE_CURRENT_LIST_DIR}/HuiliuCallTest.cmake)
function(huiliu_add_call_test plugin)
  cmake_parse_arguments(ARG "" "NAME;OP;SETTINGS;SCRIPT;EXPECT" "ARGUMENTS" ${ARGN})
  huiliu_find_program()
  string(REPLACE ";" "|" arguments "${ARG_ARGUMENTS}")
  add_test(NAME ${plugin}_${ARG_NAME} COMMAND ${CMAKE_COMMAND} -DPROGRAM=${HUILIU_PROGRAM}
    -DLIBRARY=$<TARGET_FILE:huiliu_plugin_${plugin}> -DOP=${ARG_OP} -DSETTINGS=${ARG_SETTINGS} -DSCRIPT=${ARG_SCRIPT}
    -DEXPECT=${ARG_EXPECT} "-DARGUMENTS=${arguments}" -P ${HUILIU_CALL_TEST})
endfunction()
