# find_package(kilophone) gives the targets kilophone::static and kilophone::shared, as far as their
# libraries are installed, and kilophone::kilophone: the shared one when BUILD_SHARED_LIBS is on, the
# static one otherwise.
get_filename_component(_kilophone_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

function(_kilophone_add_library kind)
  if(TARGET kilophone::${kind})
    return()
  endif()
  string(TOUPPER ${kind} type)
  foreach(name ${ARGN})
    if(EXISTS "${_kilophone_prefix}/${name}")
      add_library(kilophone::${kind} ${type} IMPORTED)
      set_target_properties(kilophone::${kind} PROPERTIES
        IMPORTED_LOCATION "${_kilophone_prefix}/${name}"
        INTERFACE_INCLUDE_DIRECTORIES "${_kilophone_prefix}/include")
      return()
    endif()
  endforeach()
endfunction()

_kilophone_add_library(static lib/libkilophone.a lib/kilophone.lib)
_kilophone_add_library(shared lib/libkilophone.so lib/libkilophone.dylib bin/kilophone.dll)

if(TARGET kilophone::static AND WIN32)
  set_target_properties(kilophone::static PROPERTIES INTERFACE_LINK_LIBRARIES "ntdll;kernel32")
endif()
if(TARGET kilophone::shared)
  set_target_properties(kilophone::shared PROPERTIES
    INTERFACE_COMPILE_DEFINITIONS KP_SHARED
    IMPORTED_IMPLIB "${_kilophone_prefix}/lib/kilophone.dll.lib")
endif()

if(NOT TARGET kilophone::kilophone)
  add_library(kilophone::kilophone INTERFACE IMPORTED)
  if(TARGET kilophone::shared AND (BUILD_SHARED_LIBS OR NOT TARGET kilophone::static))
    set_target_properties(kilophone::kilophone PROPERTIES
      INTERFACE_LINK_LIBRARIES kilophone::shared)
  elseif(TARGET kilophone::static)
    set_target_properties(kilophone::kilophone PROPERTIES
      INTERFACE_LINK_LIBRARIES kilophone::static)
  else()
    set(kilophone_FOUND FALSE)
    set(kilophone_NOT_FOUND_MESSAGE "no kilophone library in ${_kilophone_prefix}")
  endif()
endif()
