package org.gems.typer.testing;

import java.util.Random;

/** Breaks sequences into fragments at seeded places and reads both ends of each. */
public final class ShotgunReads {
  private static final int SHORTEST_BP = 200;
  private static final int LONGEST_BP = 350;

  private final Random random;
  private final Reads reads;
  private int shortestBp = SHORTEST_BP;
  private int longestBp = LONGEST_BP;

  /** Fragments of a world's alleles. */
  public ShotgunReads(SyntheticWorld world, long seed) {
    random = new Random(seed);
    reads = new Reads(world, seed + 1);
  }

  /** Makes the fragments that follow as long as this, the longest not among them. */
  public ShotgunReads lengths(int shortest, int longest) {
    shortestBp = shortest;
    longestBp = longest;
    return this;
  }

  /** Adds pairs from anywhere in a sequence. */
  public ShotgunReads from(String sequence, int pairs) {
    for (int i = 0; i < pairs; i++) {
      reads.fragment(fragment(sequence), 1);
    }
    return this;
  }

  /** Adds such pairs whose reads go on into an adapter where their fragment is short. */
  public ShotgunReads withAdapter(String sequence, String adapter, int pairs) {
    for (int i = 0; i < pairs; i++) {
      reads.pastFragment(fragment(sequence), adapter, adapter, 1);
    }
    return this;
  }

  private String fragment(String sequence) {
    int length = shortestBp + random.nextInt(longestBp - shortestBp);
    int fits = Math.min(length, sequence.length());
    int start = random.nextInt(sequence.length() - fits + 1);
    return sequence.substring(start, start + fits);
  }

  /** The reads, to be written. */
  public Reads reads() {
    return reads;
  }
}
