package org.gems.typer.haplotype;

import java.util.Arrays;

/**
 * Collects small numbers, each once, in the order in which they first come; used again and again.
 */
final class DistinctInts {
  private int[] seenInRound = new int[256];
  private int round;
  private IntList kept = new IntList();

  /** Begins a new collection. */
  void begin() {
    round++;
    kept = new IntList();
  }

  /** Keeps a number, 0 or more, where it is new. */
  void add(int value) {
    if (value >= seenInRound.length) {
      seenInRound = Arrays.copyOf(seenInRound, Math.max(value + 1, seenInRound.length * 2));
    }
    if (seenInRound[value] != round) {
      seenInRound[value] = round;
      kept.add(value);
    }
  }

  /** What was kept. */
  int[] toArray() {
    return kept.toArray();
  }
}
