/* runtime/func/geo/geohash.c: geohash text: five bits a letter, longitude and latitude by turns.
 * Borders of cells are exact doubles at every length. Must not know columns. */
#include "runtime/func/geo/geohash.h"

static const char letters[] = "0123456789bcdefghjkmnpqrstuvwxyz";

static tr_geohash empty_cell(uint32_t length) {
    uint32_t bits = 5 * length;
    return (tr_geohash){.x_bits = (bits + 1) / 2, .y_bits = bits / 2, .length = length};
}

/* Which of 2^bits parts of [low, low + span) holds v; the last one holds its end too. The product
 * may be off by one part, the borders are not. */
static uint64_t part_of(double v, double low, double span, uint32_t bits) {
    double count = (double)(1ull << bits);
    double width = span / count;
    double part = floor((v - low) / width);
    if (part * width + low > v)
        part--;
    else if ((part + 1) * width + low <= v)
        part++;
    return part >= count ? (1ull << bits) - 1 : part > 0 ? (uint64_t)part : 0;
}

tr_geohash tr_geohash_of(tr_geo_point p, uint32_t length) {
    tr_geohash cell = empty_cell(length);
    cell.x = part_of(p.lng, -180, 360, cell.x_bits);
    cell.y = part_of(p.lat, -90, 180, cell.y_bits);
    return cell;
}

bool tr_geohash_read(tr_str text, tr_geohash *out) {
    if (!text.len || text.len > TR_GEOHASH_MAX)
        return false;
    *out = empty_cell(text.len);
    bool lng = true;
    for (uint32_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        uint32_t digit = 0;
        while (digit < 32 && letters[digit] != c)
            digit++;
        if (digit == 32)
            return false;
        for (uint32_t k = 5; k-- > 0; lng = !lng) {
            uint64_t *half = lng ? &out->x : &out->y;
            *half = *half << 1 | (digit >> k & 1);
        }
    }
    return true;
}

void tr_geohash_write(const tr_geohash *cell, char text[TR_GEOHASH_MAX]) {
    uint32_t x = cell->x_bits;
    uint32_t y = cell->y_bits;
    bool lng = true;
    for (uint32_t i = 0; i < cell->length; i++) {
        uint32_t digit = 0;
        for (uint32_t k = 0; k < 5; k++, lng = !lng)
            digit = digit << 1 | (uint32_t)((lng ? cell->x >> --x : cell->y >> --y) & 1);
        text[i] = letters[digit];
    }
}

tr_geo_point tr_geohash_corner(const tr_geohash *cell, double dx, double dy) {
    double width = 360 / (double)(1ull << cell->x_bits);
    double height = 180 / (double)(1ull << cell->y_bits);
    return (tr_geo_point){((double)cell->x + dx) * width - 180,
                          ((double)cell->y + dy) * height - 90};
}
