/* The yardstick: the five processes of processes.py written by hand in C, as one would who writes only this model.
 *
 * Streams, samplers and the order of operations are those of khamsin/draws.py and khamsin/driver.py, so that the two are
 * equal bit for bit (compile with -ffp-contract=off: a fused multiply-add rounds once where two operations round twice). */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define P 64  /* places */
#define A 12  /* actors */
#define L 160 /* links */

typedef uint64_t u64;

#ifdef COUNT
static long poissons, binomials;
#define TALLY(counter) (counter)++
long count_poisson(void) { return poissons; }
long count_binomial(void) { return binomials; }
#else
#define TALLY(counter) ((void)0)
#endif

#include "draws.h"

typedef struct {
    double fighters[P][A], battle_deaths[P][A], civilian_deaths[P], newcomers[P][A], kindled[P][A], attack_count[P][A],
        killed_in_attacks[P][A], residents[P], drowned[P];
} state;

typedef struct {
    double combat_rate, skill[A], bystanders, movement_rate, intake[A], mobilised, base, branching, memory, deadliness,
        migrants_rate, fear, risk;
} parameters;

typedef struct { /* the same for all members */
    double hostility[A][A], reach[P][A];
    int from[L], to[L];
    u64 actor_key[A], place_key[P], process_key[5];
} world;

typedef struct { /* what is kept of each period */
    double fighters[P][A], residents[P], battle_deaths[P][A], civilian_deaths[P], newcomers[P][A];
} record;

static inline double least(double x, double y) { return y < x ? y : x; }

static void combat(state *s, const parameters *q, const world *w, stream member, double dt) {
    for (int p = 0; p < P; p++) {
        stream place = pinned(member, w->place_key[p]), r;
        double *fighters = s->fighters[p], *deaths = s->battle_deaths[p];
        for (int a = 0; a < A; a++) {
            if (fighters[a] < 1.0) continue;
            double enemy = 0.0;
            for (int b = 0; b < A; b++) enemy += w->hostility[a][b] * q->skill[b] * fighters[b];
            if (enemy <= 0.0) continue;
            double hazard = q->combat_rate * sqrt(least(enemy / fighters[a], 50.0)) / q->skill[a];
            r = pinned(place, w->actor_key[a]);
            deaths[a] = binomial(&r, fighters[a], 1.0 - exp(-hazard * dt));
            s->civilian_deaths[p] += poisson(&r, q->bystanders * deaths[a]);
        }
        for (int a = 0; a < A; a++) fighters[a] -= deaths[a];
    }
}

static void movement(state *s, const parameters *q, const world *w, stream member, double dt) {
    for (int k = 0; k < L; k++) {
        double *from = s->fighters[w->from[k]], *to = s->fighters[w->to[k]];
        const double *reach = w->reach[w->to[k]];
        for (int a = 0; a < A; a++) {
            if (reach[a] <= 0.0 || 2.0 * from[a] <= to[a]) continue;
            double pull = from[a] / (from[a] + to[a]);
            stream r = pinned_number(member, (u64)(k * 1024 + a));
            double moved = binomial(&r, from[a], 1.0 - exp(-q->movement_rate * pull * dt));
            from[a] -= moved;
            to[a] += moved;
        }
    }
}

static void recruitment(state *s, const parameters *q, const world *w, stream member, double dt) {
    for (int p = 0; p < P; p++) {
        stream place = pinned(member, w->place_key[p]);
        for (int a = 0; a < A; a++) {
            double room = 1.0 - s->fighters[p][a] / (q->mobilised * s->residents[p] + 1.0);
            if (w->reach[p][a] <= 0.0 || room <= 0.0) continue;
            stream r = pinned(place, w->actor_key[a]);
            s->newcomers[p][a] = poisson(&r, q->intake[a] * s->residents[p] * room * dt);
            s->fighters[p][a] += s->newcomers[p][a];
        }
    }
}

static void attacks(state *s, const parameters *q, const world *w, stream member, double dt) {
    double left = exp(-dt / q->memory);
    for (int p = 0; p < P; p++) {
        stream place = pinned(member, w->place_key[p]);
        for (int a = 0; a < A; a++) {
            if (s->fighters[p][a] < 1.0) continue;
            stream r = pinned(place, w->actor_key[a]);
            double count = poisson(&r, (q->base * s->fighters[p][a] + s->kindled[p][a]) * dt);
            s->attack_count[p][a] = count;
            s->killed_in_attacks[p][a] = poisson(&r, q->deadliness * count);
            s->kindled[p][a] = left * s->kindled[p][a] + q->branching * (1.0 - left) * count / dt;
        }
    }
}

static void migrants(state *s, const parameters *q, const world *w, stream member, double dt) {
    for (int k = 0; k < L; k++) {
        int i = w->from[k], j = w->to[k];
        double deaths = 0.0;
        for (int a = 0; a < A; a++) deaths += s->battle_deaths[i][a] + s->killed_in_attacks[i][a];
        stream r = pinned_number(member, (u64)k);
        double left = least(s->residents[i], poisson(&r, q->migrants_rate * s->residents[i] * (1.0 + q->fear * deaths) * dt));
        double died = least(left, poisson(&r, q->risk * left));
        s->residents[i] -= left;
        s->residents[j] += left - died;
        s->drowned[i] += died;
    }
}

static void add(double *sum, const double *flow, double share, int n) {
    for (int k = 0; k < n; k++) sum[k] += share * flow[k];
}

/* Advance `members` members through `steps` steps. period[use[t]] to period[use[t + 1] - 1] are the periods that step t falls
 * into, with the share of its flows; -p - 1 says that the step ends period p. */
void advance(long members, const int64_t *number, long steps, const double *days, const int64_t *use, const int64_t *period,
             const double *share, const world *w, const parameters *q, state *s, record *kept, long periods) {
    for (long m = 0; m < members; m++, s++, q++, kept += periods) {
        for (long t = 0; t < steps; t++) {
            memset(s->battle_deaths, 0, sizeof s->battle_deaths);
            memset(s->civilian_deaths, 0, sizeof s->civilian_deaths);
            memset(s->newcomers, 0, sizeof s->newcomers);
            memset(s->attack_count, 0, sizeof s->attack_count);
            memset(s->killed_in_attacks, 0, sizeof s->killed_in_attacks);
            memset(s->drowned, 0, sizeof s->drowned);
            combat(s, q, w, member_stream(w->process_key[0], (u64)number[m], (u64)t), days[t]);
            movement(s, q, w, member_stream(w->process_key[1], (u64)number[m], (u64)t), days[t]);
            recruitment(s, q, w, member_stream(w->process_key[2], (u64)number[m], (u64)t), days[t]);
            attacks(s, q, w, member_stream(w->process_key[3], (u64)number[m], (u64)t), days[t]);
            migrants(s, q, w, member_stream(w->process_key[4], (u64)number[m], (u64)t), days[t]);
            for (long c = use[t]; c < use[t + 1]; c++) {
                if (period[c] >= 0) {
                    record *r = kept + period[c];
                    add(r->battle_deaths[0], s->battle_deaths[0], share[c], P * A);
                    add(r->civilian_deaths, s->civilian_deaths, share[c], P);
                    add(r->newcomers[0], s->newcomers[0], share[c], P * A);
                } else {
                    record *r = kept - period[c] - 1;
                    memcpy(r->fighters, s->fighters, sizeof r->fighters);
                    memcpy(r->residents, s->residents, sizeof r->residents);
                }
            }
        }
    }
}
