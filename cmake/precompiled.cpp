// Nothing: CMake wants a source in the targets that hold precompiled headers.
