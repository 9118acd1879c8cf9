#include "providers/chat/rehearsal/units.hpp"

#include <array>

namespace persona_runtime::rehearsal {
namespace {

struct row {
  unit what;
  std::string_view names;  // with a blank before and behind each
};

// Factors are exact by definition (international yard and pound, US gallon, knot = nmi/h).
constexpr std::array<row, 39> table{{
  {{"km", "length", "1000"}, " km kms kilometre kilometres kilometer kilometers "},
  {{"m", "length", "1"}, " m metre metres meter meters "},
  {{"cm", "length", "0.01"}, " cm centimetre centimetres centimeter centimeters "},
  {{"mm", "length", "0.001"}, " mm millimetre millimetres millimeter millimeters "},
  {{"mi", "length", "1609.344"}, " mi mile miles "},
  {{"nautical mi", "length", "1852"}, " nmi nm sj\u00f8mil nautisk nautical "},
  {{"yd", "length", "0.9144"}, " yd yard yards "},
  {{"ft", "length", "0.3048"}, " ft foot feet fot "},
  {{"in", "length", "0.0254"}, " inch inches tomme tommer "},
  {{"fathoms", "length", "1.8288"}, " fathom fathoms favn favner "},
  {{"kg", "mass", "1000"}, " kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes "},
  {{"g", "mass", "1"}, " g gram grams gramme grammes "},
  {{"mg", "mass", "0.001"}, " mg milligram milligrams "},
  {{"t", "mass", "1000000"}, " tonne tonnes tonn ton tons "},
  {{"lb", "mass", "453.59237"}, " lb lbs pound pounds pund "},
  {{"oz", "mass", "28.349523125"}, " oz ounce ounces unse unser "},
  {{"stone", "mass", "6350.29318"}, " stone stones "},
  {{"l", "volume", "1"}, " l litre litres liter liters "},
  {{"dl", "volume", "0.1"}, " dl decilitre decilitres deciliter deciliters "},
  {{"ml", "volume", "0.001"}, " ml millilitre millilitres milliliter milliliters "},
  {{"m3", "volume", "1000"}, " m3 cubic kubikkmeter "},
  {{"gal", "volume", "3.785411784"}, " gal gallon gallons "},
  {{"pt", "volume", "0.473176473"}, " pint pints "},
  {{"s", "time", "1"}, " s sec secs second seconds sekund sekunder "},
  {{"min", "time", "60"}, " min mins minute minutes minutt minutter "},
  {{"h", "time", "3600"}, " h hr hrs hour hours time timer "},
  {{"days", "time", "86400"}, " day days dag dager d\u00f8gn "},
  {{"weeks", "time", "604800"}, " week weeks uke uker "},
  {{"km/h", "speed", "1000 / 3600"}, " km/h kmh kph kmt km/t "},
  {{"m/s", "speed", "1"}, " m/s "},
  {{"mph", "speed", "1609.344 / 3600"}, " mph "},
  {{"knots", "speed", "1852 / 3600"}, " knot knots kn knop "},
  {{"ha", "area", "10000"}, " ha hectare hectares hektar "},
  {{"acres", "area", "4046.8564224"}, " acre acres "},
  {{"\u00b0C", "temperature", ""}, " \u00b0c c celsius centigrade "},
  {{"\u00b0F", "temperature", ""}, " \u00b0f f fahrenheit "},
  {{"K", "temperature", ""}, " k kelvin "},
  {{"MB", "data", "1000000"}, " mb megabyte megabytes "},
  {{"GB", "data", "1000000000"}, " gb gigabyte gigabytes "},
}};

/// `amount` of `from` in degrees Celsius.
std::string in_celsius(const std::string& amount, std::string_view from) {
  if (from == "\u00b0F")
    return "(" + amount + " - 32) * 5 / 9";
  return from == "K" ? amount + " - 273.15" : amount;
}

std::string temperature(const std::string& amount, const unit& from, const unit& to) {
  const std::string celsius = in_celsius(amount, from.symbol);
  if (to.symbol == "\u00b0F")
    return "(" + celsius + ") * 9 / 5 + 32";
  return to.symbol == "K" ? celsius + " + 273.15" : celsius;
}

}  // namespace

std::optional<unit> unit_of(std::string_view word) {
  const std::string wanted = ' ' + std::string{word} + ' ';
  for (const row& r : table) {
    if (!word.empty() && r.names.find(wanted) != std::string_view::npos)
      return r.what;
  }
  return std::nullopt;
}

std::optional<std::string> conversion(const std::string& amount, const unit& from, const unit& to) {
  if (from.quantity != to.quantity)
    return std::nullopt;
  if (from.quantity == "temperature")
    return "round(" + temperature(amount, from, to) + ", 4)";
  return "round(" + amount + " * (" + std::string{from.factor} + ") / (" + std::string{to.factor}
         + "), 6)";
}

}  // namespace persona_runtime::rehearsal
