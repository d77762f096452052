# Read by CMake right after llama.cpp's project() call: keeps its command-line helpers out of the build.
# -DLLAMA_BUILD_COMMON=OFF alone has no effect, because llama-cpp-python forces that option on.
set(LLAMA_BUILD_COMMON OFF)
