// See boost_asio.cpp. A file of its own: two compilers run side by side.
#include <boost/beast/src.hpp>
