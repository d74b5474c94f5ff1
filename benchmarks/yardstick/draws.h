/* Streams and samplers as in khamsin/draws.py, operation by operation. */

typedef struct {
    u64 key0, key1, n;
} stream;

static const u64 GOLDEN = 0x9E3779B97F4A7C15ULL, ODD = 0xD1342543DE82EF95ULL;

static inline u64 mix(u64 x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

static inline stream pinned(stream s, u64 key) {
    stream r = {mix(s.key0 ^ key), mix(s.key1 + key * ODD), 0};
    return r;
}

static inline stream pinned_number(stream s, u64 number) { return pinned(s, mix(number + GOLDEN)); }

static inline stream member_stream(u64 key, u64 member, u64 step) {
    u64 a = mix(key + member * GOLDEN), b = mix(mix(key ^ ODD) ^ member);
    stream r = {mix(a ^ step), mix(b + step * GOLDEN), 0};
    return r;
}

static inline double uniform(stream *r) {
    u64 bits = mix(mix(r->key0 + r->n * GOLDEN) ^ r->key1);
    r->n++;
    return ((double)(int64_t)(bits >> 11) + 0.5) * 1.1102230246251565e-16;
}

static double stirling(double k) {
    static const double table[10] = {0.08106146679532726,  0.04134069595540929,  0.02767792568499834, 0.02079067210376509,
                                     0.01664469118982119,  0.01387612882307075,  0.01189670994589177, 0.01041126526197209,
                                     0.009255462182712733, 0.008330563433362871};
    if (k >= 0.0 && k < 10.0) return table[(int)k];
    double r = 1.0 / (k + 1.0), s = r * r;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - s / 1680) * s) * s) * r;
}

static double log_factorial(double k) {
    return (k + 0.5) * log(k + 1.0) - (k + 1.0) + 0.9189385332046728 + stirling(k);
}

static double poisson(stream *r, double mean) {
    if (!(mean > 0.0)) return 0.0;
    TALLY(poissons);
    if (mean < 10.0) {
        double u = uniform(r);
        if (u <= 1.0 - mean) return 0.0;
        double p = exp(-mean), k = 0.0;
        while (u > p && k < 1000.0) {
            u -= p;
            k += 1.0;
            p *= mean / k;
        }
        return k;
    }
    double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    double inv_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2.0);
    for (;;) {
        double u = uniform(r) - 0.5, v = uniform(r), us = 0.5 - fabs(u);
        double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r) return k;
        if (k < 0.0 || (us < 0.013 && v > us)) continue;
        if (log(v * inv_alpha / (a / (us * us) + b)) <= -mean + k * log(mean) - log_factorial(k)) return k;
    }
}

static double power(double q, double n) {
    double result = 1.0, factor[2] = {1.0, q}; /* no branch: the bits of n are as good as random */
    for (int64_t e = (int64_t)n; e > 0; e >>= 1) {
        result *= factor[e & 1];
        factor[1] *= factor[1];
    }
    return result;
}

static double binomial_low(stream *r, double n, double p) {
    double mean = n * p, q = 1.0 - p;
    if (mean < 10.0) {
        double u = uniform(r);
        if (u <= 1.0 - mean) return 0.0;
        double f = n < 1024.0 ? power(q, n) : exp(n * log1p(-p)), ratio = p / q, k = 0.0;
        while (u > f && k < n) {
            u -= f;
            k += 1.0;
            f *= ratio * (n - k + 1.0) / k;
        }
        return k;
    }
    double spq = sqrt(mean * q), b = 1.15 + 2.53 * spq, a = -0.0873 + 0.0248 * b + 0.01 * p, c = mean + 0.5;
    double v_r = 0.92 - 4.2 / b, ratio = p / q, alpha = (2.83 + 5.1 / b) * spq, m = floor((n + 1.0) * p);
    for (;;) {
        double u = uniform(r) - 0.5, v = uniform(r), us = 0.5 - fabs(u);
        double k = floor((2.0 * a / us + b) * u + c);
        if (us >= 0.07 && v <= v_r) return k;
        if (k < 0.0 || k > n) continue;
        v = log(v * alpha / (a / (us * us) + b));
        double bound = (m + 0.5) * log((m + 1.0) / (ratio * (n - m + 1.0))) +
                       (n + 1.0) * log((n - m + 1.0) / (n - k + 1.0)) +
                       (k + 0.5) * log(ratio * (n - k + 1.0) / (k + 1.0)) + stirling(m) + stirling(n - m) - stirling(k) -
                       stirling(n - k);
        if (v <= bound) return k;
    }
}

static double binomial(stream *r, double n, double p) {
    n = floor(n);
    if (n <= 0.0 || !(p > 0.0)) return 0.0;
    if (p >= 1.0) return n;
    TALLY(binomials);
    if (p > 0.5) return n - binomial_low(r, n, 1.0 - p);
    return binomial_low(r, n, p);
}
