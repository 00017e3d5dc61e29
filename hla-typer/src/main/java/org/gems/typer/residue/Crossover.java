package org.gems.typer.residue;

import org.gems.typer.evidence.PackedRead;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.reads.QualityModel;

/**
 * Lays a pair on every crossover of two sequences at once: sums of what the bases before each place
 * cost on the one, and those from there on the other. Where the sequences' lengths differ, the
 * insertion may lie before the crossover or behind it; both are tried.
 */
final class Crossover {
  /** Sums of floats in another order differ by less. */
  private static final double ROUNDING = 0.01;

  private final QualityModel qualities;

  Crossover(QualityModel qualities) {
    this.qualities = qualities;
  }

  /**
   * The best crossover.
   *
   * @param score log-likelihood, relative to a pair without any mismatch
   * @param from the least number of bases of the first sequence with that score
   * @param to the greatest number
   */
  record Best(double score, int from, int to) {}

  /** The crossover of two sequences that explains a pair best. */
  Best best(PairStore store, int pair, byte[] first, byte[] second) {
    Best plain = best(store, pair, first, second, 0);
    int shift = second.length - first.length;
    Best shifted = shift == 0 ? plain : best(store, pair, first, second, shift);
    return shifted.score() > plain.score() ? shifted : plain;
  }

  /** As {@link #best}, a base of the first lying over the second's that is so much farther on. */
  private Best best(PairStore store, int pair, byte[] first, byte[] second, int shift) {
    int length = second.length - shift;
    int last = Math.min(first.length, length) - 1;
    double cost = beyond(store, pair, length);
    for (int i = 0; i < length; i++) {
      cost += i + shift < 0 ? 0 : cost(store, pair, length, i, second[i + shift]);
    }
    Best best = new Best(Double.NEGATIVE_INFINITY, 0, 0);
    for (int i = 0; i < last; i++) {
      cost += cost(store, pair, length, i, first[i]);
      cost -= i + shift < 0 ? 0 : cost(store, pair, length, i, second[i + shift]);
      boolean isOpen = i + 1 + shift > 0;
      if (isOpen && -cost > best.score() + ROUNDING) {
        best = new Best(-cost, i + 1, i + 1);
      } else if (isOpen && -cost >= best.score() - ROUNDING) {
        best = new Best(best.score(), best.from(), i + 1);
      }
    }
    return best;
  }

  /** What a pair's reads pay at one base of a sequence. */
  private double cost(PairStore store, int pair, int length, int at, byte base) {
    double cost = 0;
    if (at < store.leftLength(pair)) {
      byte packed = store.data()[store.leftStart(pair) + at];
      cost += PackedRead.base(packed) == base ? 0 : qualities.penalty(PackedRead.quality(packed));
    }
    int fromEnd = length - 1 - at;
    if (fromEnd < store.rightLength(pair)) {
      byte packed = store.data()[store.rightStart(pair) + fromEnd];
      boolean same = 3 - PackedRead.base(packed) == base;
      cost += same ? 0 : qualities.penalty(PackedRead.quality(packed));
    }
    return cost;
  }

  private double beyond(PairStore store, int pair, int length) {
    return between(store, store.leftStart(pair) + length, store.rightStart(pair))
        + between(
            store,
            store.rightStart(pair) + length,
            store.rightStart(pair) + store.rightLength(pair));
  }

  private double between(PairStore store, int from, int to) {
    double cost = 0;
    for (int i = from; i < to; i++) {
      cost += qualities.penaltyBeyond(PackedRead.quality(store.data()[i]));
    }
    return cost;
  }
}
