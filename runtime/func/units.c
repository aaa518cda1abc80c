/* runtime/func/units.c: convert_angle() and its seven like: one table of units a quantity. A value
 * in the base unit is x * num / den + shift; num and den are apart so that round factors stay
 * exact. */
#include <math.h>

#include "runtime/func/cells.h"
#include "runtime/func/domains.h"

typedef struct unit {
    const char *name;
    double num, den, shift;
} unit;

static const unit angle_units[] = {
    {"Degree", 1, 1, 0},
    {"Arcminute", 1, 60, 0},
    {"Arcsecond", 1, 3600, 0},
    {"Gradian", 9, 10, 0},
    {"NatoMil", 9, 160, 0},
    {"Radian", 180, 3.14159265358979323846, 0},
    {"Centiradian", 1.8, 3.14159265358979323846, 0},
    {"Deciradian", 18, 3.14159265358979323846, 0},
    {"Milliradian", 0.18, 3.14159265358979323846, 0},
    {"Microradian", 180, 3.14159265358979323846 * 1e6, 0},
    {"Nanoradian", 180, 3.14159265358979323846 * 1e9, 0},
    {"Millidegree", 1, 1e3, 0},
    {"Microdegree", 1, 1e6, 0},
    {"Nanodegree", 1, 1e9, 0},
    {"Revolution", 360, 1, 0},
    {"Tilt", 180, 3.14159265358979323846, 0},
    {NULL, 0, 0, 0},
};
static const unit energy_units[] = {
    {"Joule", 1, 1, 0},
    {"Millijoule", 1, 1e3, 0},
    {"Kilojoule", 1e3, 1, 0},
    {"Megajoule", 1e6, 1, 0},
    {"Gigajoule", 1e9, 1, 0},
    {"BritishThermalUnit", 1055.05585262, 1, 0},
    {"KilobritishThermalUnit", 1055.05585262e3, 1, 0},
    {"MegabritishThermalUnit", 1055.05585262e6, 1, 0},
    {"GigabritishThermalUnit", 1055.05585262e9, 1, 0},
    {"Calorie", 4.184, 1, 0},
    {"Kilocalorie", 4184, 1, 0},
    {"Megacalorie", 4.184e6, 1, 0},
    {"ThermEc", 1.05505585262e8, 1, 0},
    {"DecathermEc", 1.05505585262e9, 1, 0},
    {"ThermUs", 1.054804e8, 1, 0},
    {"DecathermUs", 1.054804e9, 1, 0},
    {"ThermImperial", 1.05505585257348e8, 1, 0},
    {"DecathermImperial", 1.05505585257348e9, 1, 0},
    {"ElectronVolt", 1.602176634e-19, 1, 0},
    {"KiloelectronVolt", 1.602176634e-16, 1, 0},
    {"MegaelectronVolt", 1.602176634e-13, 1, 0},
    {"GigaelectronVolt", 1.602176634e-10, 1, 0},
    {"TeraelectronVolt", 1.602176634e-7, 1, 0},
    {"Erg", 1, 1e7, 0},
    {"FootPound", 1.355817948, 1, 0},
    {"HorsepowerHour", 2.6845195377e6, 1, 0},
    {"WattHour", 3600, 1, 0},
    {"KilowattHour", 3.6e6, 1, 0},
    {"MegawattHour", 3.6e9, 1, 0},
    {"GigawattHour", 3.6e12, 1, 0},
    {"TerawattHour", 3.6e15, 1, 0},
    {"WattDay", 86400, 1, 0},
    {"KilowattDay", 8.64e7, 1, 0},
    {"MegawattDay", 8.64e10, 1, 0},
    {"GigawattDay", 8.64e13, 1, 0},
    {"TerawattDay", 8.64e16, 1, 0},
    {NULL, 0, 0, 0},
};
static const unit force_units[] = {
    {"Newton", 1, 1, 0},
    {"Decanewton", 10, 1, 0},
    {"Kilonewton", 1e3, 1, 0},
    {"Meganewton", 1e6, 1, 0},
    {"Millinewton", 1, 1e3, 0},
    {"Micronewton", 1, 1e6, 0},
    {"Dyn", 1, 1e5, 0},
    {"KilogramForce", 9.80665, 1, 0},
    {"KiloPond", 9.80665, 1, 0},
    {"TonneForce", 9806.65, 1, 0},
    {"PoundForce", 4.4482216152605, 1, 0},
    {"KilopoundForce", 4448.2216152605, 1, 0},
    {"OunceForce", 0.27801385095378125, 1, 0},
    {"Poundal", 0.138254954376, 1, 0},
    {"ShortTonForce", 8896.443230521, 1, 0},
    {NULL, 0, 0, 0},
};
static const unit length_units[] = {
    {"Meter", 1, 1, 0},
    {"Angstrom", 1, 1e10, 0},
    {"AstronomicalUnit", 1.495978707e11, 1, 0},
    {"Centimeter", 1, 100, 0},
    {"Chain", 20.1168, 1, 0},
    {"DataMile", 1828.8, 1, 0},
    {"Decameter", 10, 1, 0},
    {"Decimeter", 1, 10, 0},
    {"DtpPica", 0.0254, 6, 0},
    {"DtpPoint", 0.0254, 72, 0},
    {"Fathom", 1.8288, 1, 0},
    {"Foot", 0.3048, 1, 0},
    {"Hand", 0.1016, 1, 0},
    {"Hectometer", 100, 1, 0},
    {"Inch", 0.0254, 1, 0},
    {"LightYear", 9.46073047258e15, 1, 0},
    {"KilolightYear", 9.46073047258e18, 1, 0},
    {"MegalightYear", 9.46073047258e21, 1, 0},
    {"Kilometer", 1000, 1, 0},
    {"Parsec", 3.08567758128e16, 1, 0},
    {"Kiloparsec", 3.08567758128e19, 1, 0},
    {"Megaparsec", 3.08567758128e22, 1, 0},
    {"Microinch", 2.54e-8, 1, 0},
    {"Micrometer", 1, 1e6, 0},
    {"Mil", 2.54e-5, 1, 0},
    {"Mile", 1609.344, 1, 0},
    {"Millimeter", 1, 1e3, 0},
    {"Nanometer", 1, 1e9, 0},
    {"NauticalMile", 1852, 1, 0},
    {"PrinterPica", 0.3048, 72.27, 0},
    {"PrinterPoint", 0.0254, 72.27, 0},
    {"Shackle", 27.432, 1, 0},
    {"SolarRadius", 6.9551e8, 1, 0},
    {"Twip", 0.0254, 1440, 0},
    {"UsSurveyFoot", 1200, 3937, 0},
    {"Yard", 0.9144, 1, 0},
    {NULL, 0, 0, 0},
};
static const unit mass_units[] = {
    {"Gram", 1, 1e3, 0},
    {"Kilogram", 1, 1, 0},
    {"Centigram", 1, 1e5, 0},
    {"Decagram", 1, 100, 0},
    {"Decigram", 1, 1e4, 0},
    {"Hectogram", 1, 10, 0},
    {"Milligram", 1, 1e6, 0},
    {"Microgram", 1, 1e9, 0},
    {"Nanogram", 1, 1e12, 0},
    {"EarthMass", 5.9722e24, 1, 0},
    {"SolarMass", 1.98947e30, 1, 0},
    {"Grain", 6.479891e-5, 1, 0},
    {"Pound", 0.45359237, 1, 0},
    {"Kilopound", 453.59237, 1, 0},
    {"Megapound", 453592.37, 1, 0},
    {"Ounce", 0.028349523125, 1, 0},
    {"Stone", 6.35029318, 1, 0},
    {"LongHundredweight", 50.80234544, 1, 0},
    {"LongTon", 1016.0469088, 1, 0},
    {"ShortHundredweight", 45.359237, 1, 0},
    {"ShortTon", 907.18474, 1, 0},
    {"Slug", 14.593902937206, 1, 0},
    {"Tonne", 1000, 1, 0},
    {"Kilotonne", 1e6, 1, 0},
    {"Megatonne", 1e9, 1, 0},
    {NULL, 0, 0, 0},
};
static const unit speed_units[] = {
    {"CentimeterPerHour", 1, 100 * 3600, 0},
    {"CentimeterPerMinute", 1, 100 * 60, 0},
    {"CentimeterPerSecond", 1, 100, 0},
    {"DecimeterPerMinute", 1, 10 * 60, 0},
    {"DecimeterPerSecond", 1, 10, 0},
    {"FootPerHour", 0.3048, 3600, 0},
    {"FootPerMinute", 0.3048, 60, 0},
    {"FootPerSecond", 0.3048, 1, 0},
    {"InchPerHour", 0.0254, 3600, 0},
    {"InchPerMinute", 0.0254, 60, 0},
    {"InchPerSecond", 0.0254, 1, 0},
    {"KilometerPerHour", 1000, 3600, 0},
    {"KilometerPerMinute", 1000, 60, 0},
    {"KilometerPerSecond", 1000, 1, 0},
    {"MeterPerHour", 1, 3600, 0},
    {"MeterPerMinute", 1, 60, 0},
    {"MeterPerSecond", 1, 1, 0},
    {"MicrometerPerMinute", 1, 1e6 * 60, 0},
    {"MicrometerPerSecond", 1, 1e6, 0},
    {"MilePerHour", 1609.344, 3600, 0},
    {"MillimeterPerHour", 1, 1e3 * 3600, 0},
    {"MillimeterPerMinute", 1, 1e3 * 60, 0},
    {"MillimeterPerSecond", 1, 1e3, 0},
    {"NanometerPerMinute", 1, 1e9 * 60, 0},
    {"NanometerPerSecond", 1, 1e9, 0},
    {"UsSurveyFootPerHour", 1200, 3937 * 3600, 0},
    {"UsSurveyFootPerMinute", 1200, 3937 * 60, 0},
    {"UsSurveyFootPerSecond", 1200, 3937, 0},
    {"YardPerHour", 0.9144, 3600, 0},
    {"YardPerMinute", 0.9144, 60, 0},
    {"YardPerSecond", 0.9144, 1, 0},
    {"Knot", 1852, 3600, 0},
    {NULL, 0, 0, 0},
};
static const unit temperature_units[] = {
    {"Kelvin", 1, 1, 0},
    {"DegreeCelsius", 1, 1, 273.15},
    {"MillidegreeCelsius", 1, 1e3, 273.15},
    {"DegreeDelisle", -2, 3, 373.15},
    {"DegreeFahrenheit", 5, 9, 459.67 * 5 / 9},
    {"DegreeNewton", 100, 33, 273.15},
    {"DegreeRankine", 5, 9, 0},
    {"DegreeReaumur", 5, 4, 273.15},
    {"DegreeRoemer", 40, 21, 273.15 - 7.5 * 40 / 21},
    {"SolarTemperature", 5778, 1, 0},
    {NULL, 0, 0, 0},
};
static const unit volume_units[] = {
    {"CubicMeter", 1, 1, 0},
    {"AcreFoot", 1, 0.000810714, 0},
    {"AuTablespoon", 2e-5, 1, 0},
    {"BoardFoot", 0.002359737216, 1, 0},
    {"Centiliter", 1, 1e5, 0},
    {"CubicCentimeter", 1, 1e6, 0},
    {"CubicDecimeter", 1, 1e3, 0},
    {"CubicFoot", 0.028316846592, 1, 0},
    {"CubicHectometer", 1e6, 1, 0},
    {"CubicInch", 1.6387064e-5, 1, 0},
    {"CubicKilometer", 1e9, 1, 0},
    {"CubicMicrometer", 1, 1e18, 0},
    {"CubicMile", 4.168181825440579584e9, 1, 0},
    {"CubicMillimeter", 1, 1e9, 0},
    {"CubicYard", 0.764554857984, 1, 0},
    {"Liter", 1, 1e3, 0},
    {"Decaliter", 1, 100, 0},
    {"Deciliter", 1, 1e4, 0},
    {"Hectoliter", 1, 10, 0},
    {"Kiloliter", 1, 1, 0},
    {"Megaliter", 1e3, 1, 0},
    {"Microliter", 1, 1e9, 0},
    {"Milliliter", 1, 1e6, 0},
    {"UsGallon", 0.003785411784, 1, 0},
    {"DecausGallon", 0.003785411784e1, 1, 0},
    {"DeciusGallon", 0.003785411784e-1, 1, 0},
    {"HectousGallon", 0.003785411784e2, 1, 0},
    {"KilousGallon", 0.003785411784e3, 1, 0},
    {"MegausGallon", 0.003785411784e6, 1, 0},
    {"HectocubicFoot", 0.028316846592e2, 1, 0},
    {"KilocubicFoot", 0.028316846592e3, 1, 0},
    {"MegacubicFoot", 0.028316846592e6, 1, 0},
    {"HectocubicMeter", 100, 1, 0},
    {"KilocubicMeter", 1000, 1, 0},
    {"ImperialBeerBarrel", 0.16365924, 1, 0},
    {"ImperialGallon", 0.00454609, 1, 0},
    {"KiloimperialGallon", 0.00454609e3, 1, 0},
    {"MegaimperialGallon", 0.00454609e6, 1, 0},
    {"ImperialOunce", 2.84130625e-5, 1, 0},
    {"ImperialPint", 5.6826125e-4, 1, 0},
    {"MetricCup", 2.5e-4, 1, 0},
    {"MetricTeaspoon", 5e-6, 1, 0},
    {"OilBarrel", 0.158987294928, 1, 0},
    {"UkTablespoon", 1.5e-5, 1, 0},
    {"UsBeerBarrel", 0.117347765304, 1, 0},
    {"UsCustomaryCup", 2.365882365e-4, 1, 0},
    {"UsLegalCup", 2.4e-4, 1, 0},
    {"UsOunce", 2.95735295625e-5, 1, 0},
    {"UsPint", 4.73176473e-4, 1, 0},
    {"UsQuart", 9.46352946e-4, 1, 0},
    {"UsTablespoon", 1.478676478125e-5, 1, 0},
    {"UsTeaspoon", 4.92892159375e-6, 1, 0},
    {NULL, 0, 0, 0},
};

/** What prepare found out; a unit is NULL where its name is not constant or unknown. */
typedef struct pair {
    const unit *units;
    const unit *from, *to;
} pair;

static const unit *find(const unit *units, tr_str name) {
    for (; units->name; units++)
        if (tr_str_is(name, units->name))
            return units;
    return NULL;
}

static trawl_status prepare_units(const tr_prepare *p, const unit *units, const void **bound,
                                  trawl_error *err) {
    pair *made = TR_NEW(p->query, pair);
    if (!made)
        return tr_fail_memory(err);
    made->units = units;
    made->from = p->consts[1] ? find(units, p->consts[1]->as.str) : NULL;
    made->to = p->consts[2] ? find(units, p->consts[2]->as.str) : NULL;
    *bound = made;
    return TRAWL_OK;
}

static trawl_status prepare_angle(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, angle_units, bound, err);
}
static trawl_status prepare_energy(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, energy_units, bound, err);
}
static trawl_status prepare_force(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, force_units, bound, err);
}
static trawl_status prepare_length(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, length_units, bound, err);
}
static trawl_status prepare_mass(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, mass_units, bound, err);
}
static trawl_status prepare_speed(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, speed_units, bound, err);
}
static trawl_status prepare_temperature(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, temperature_units, bound, err);
}
static trawl_status prepare_volume(const tr_prepare *p, const void **bound, trawl_error *err) {
    return prepare_units(p, volume_units, bound, err);
}

static double converted(double v, const unit *from, const unit *to) {
    double factor = (from->num * to->den) / (from->den * to->num);
    return v * factor + (from->shift - to->shift) * to->den / to->num;
}

/* A tilt is the sine of its angle: the one unit that is not linear. */
static bool is_tilt(const unit *u) {
    return strcmp(u->name, "Tilt") == 0;
}

static trawl_status eval_convert(tr_call *call, trawl_error *err) {
    const pair *p = call->bound;
    double *out = call->out->data;
    for (uint32_t i = 0; i < call->n; i++) {
        const unit *from = p->from ? p->from : find(p->units, tr_text_at(&call->args[1], i));
        const unit *to = p->to ? p->to : find(p->units, tr_text_at(&call->args[2], i));
        double v = tr_vec_f64(&call->args[0])[tr_row(&call->args[0], i)];
        out[i] = v;
        if (!from || !to) {
            TR_TRY(tr_call_null(call, i, err));
        } else if (from != to) {
            v = converted(is_tilt(from) ? asin(v) : v, from, to);
            out[i] = is_tilt(to) ? sin(v) : v;
        }
    }
    return TRAWL_OK;
}

/* clang-format off */
const tr_func tr_funcs_units[] = {
    {.name = "convert_angle", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_angle,
     .summary = "An angle from one unit to another; null for a unit that is not known.",
     .example = "print convert_angle(1.2, \"Degree\", \"Arcminute\")"},
    {.name = "convert_energy", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_energy,
     .summary = "An energy from one unit to another; null for a unit that is not known.",
     .example = "print convert_energy(1.2, \"Joule\", \"BritishThermalUnit\")"},
    {.name = "convert_force", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_force,
     .summary = "A force from one unit to another; null for a unit that is not known.",
     .example = "print convert_force(1.2, \"Newton\", \"Decanewton\")"},
    {.name = "convert_length", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_length,
     .summary = "A length from one unit to another; null for a unit that is not known.",
     .example = "print convert_length(1.2, \"Meter\", \"Foot\")"},
    {.name = "convert_mass", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_mass,
     .summary = "A mass from one unit to another; null for a unit that is not known.",
     .example = "print convert_mass(1.2, \"Kilogram\", \"Pound\")"},
    {.name = "convert_speed", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_speed,
     .summary = "A speed from one unit to another; null for a unit that is not known.",
     .example = "print convert_speed(1.2, \"MeterPerSecond\", \"CentimeterPerHour\")"},
    {.name = "convert_temperature", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_temperature,
     .summary = "A temperature from one unit to another; null for a unit that is not known.",
     .example = "print convert_temperature(1.2, \"Kelvin\", \"DegreeCelsius\")"},
    {.name = "convert_volume", .args = "rss", .result = 'r', .eval = eval_convert,
     .prepare = prepare_volume,
     .summary = "A volume from one unit to another; null for a unit that is not known.",
     .example = "print convert_volume(1.2, \"CubicMeter\", \"AcreFoot\")"},
    {.name = NULL},
};
/* clang-format on */
