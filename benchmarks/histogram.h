/* Latencies in microseconds, to about one part in a hundred, in bounded memory. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum { SUB_BITS = 7, SUB = 1 << SUB_BITS, BUCKETS = 64 * SUB };
static uint64_t histogram[BUCKETS], measured, max_us;

static int bucket_of(uint64_t us)
{
    if (us < SUB)
        return (int)us;
    int shift = 63 - __builtin_clzll(us) - SUB_BITS;
    return (shift + 1) * SUB + (int)((us >> shift) - SUB);
}

static uint64_t value_of(int bucket)
{
    if (bucket < SUB)
        return (uint64_t)bucket;
    int shift = bucket / SUB - 1;
    return ((uint64_t)(bucket % SUB) + SUB) << shift;
}

static void measure(uint64_t us)
{
    histogram[bucket_of(us)]++;
    measured++;
    if (us > max_us)
        max_us = us;
}

static uint64_t percentile(double share)
{
    uint64_t wanted = (uint64_t)(share * (double)measured + 0.9999999), seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        seen += histogram[bucket];
        if (histogram[bucket] && seen >= wanted)
            return value_of(bucket);
    }
    return 0;
}

#endif
