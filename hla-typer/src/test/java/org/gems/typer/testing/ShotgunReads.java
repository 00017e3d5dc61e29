package org.gems.typer.testing;

import java.util.Random;

/** Breaks sequences into fragments at seeded places and reads both ends of each. */
public final class ShotgunReads {
  private static final int SHORTEST_BP = 200;
  private static final int LONGEST_BP = 350;

  private final Random random;
  private final Reads reads;

  /** Fragments of a world's alleles. */
  public ShotgunReads(SyntheticWorld world, long seed) {
    random = new Random(seed);
    reads = new Reads(world, seed + 1);
  }

  /** Adds pairs from anywhere in a sequence. */
  public ShotgunReads from(String sequence, int pairs) {
    for (int i = 0; i < pairs; i++) {
      int length = SHORTEST_BP + random.nextInt(LONGEST_BP - SHORTEST_BP);
      int fits = Math.min(length, sequence.length());
      int start = random.nextInt(sequence.length() - fits + 1);
      reads.fragment(sequence.substring(start, start + fits), 1);
    }
    return this;
  }

  /** The reads, to be written. */
  public Reads reads() {
    return reads;
  }
}
