package org.gems.typer.haplotype;

import java.util.Arrays;

/** Ranks of a {@link PrefixTree} that a read found, in runs of equal loss. */
public final class Hits {
  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private int[] losses = new int[64];
  private int runs;
  private int size;

  void clear() {
    runs = 0;
    size = 0;
  }

  void add(int start, int end, int loss) {
    if (runs == starts.length) {
      starts = Arrays.copyOf(starts, runs * 2);
      ends = Arrays.copyOf(ends, runs * 2);
      losses = Arrays.copyOf(losses, runs * 2);
    }
    starts[runs] = start;
    ends[runs] = end;
    losses[runs++] = loss;
    size += end - start;
  }

  /** How many ranks were found. */
  public int size() {
    return size;
  }

  /** How many runs they form. */
  public int runs() {
    return runs;
  }

  /** A run's first rank; runs are in the order of ranks. */
  public int start(int run) {
    return starts[run];
  }

  /** One past a run's last rank. */
  public int end(int run) {
    return ends[run];
  }

  /** The loss of each sequence of a run. */
  public int loss(int run) {
    return losses[run];
  }

  /** The run that holds a rank, or -1. */
  public int runOf(int rank) {
    int run = Arrays.binarySearch(starts, 0, runs, rank);
    int candidate = run >= 0 ? run : -run - 2;
    return candidate >= 0 && rank < ends[candidate] ? candidate : -1;
  }

  /** The least loss, or the greatest number where nothing was found. */
  public int leastLoss() {
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < runs; i++) {
      least = Math.min(least, losses[i]);
    }
    return least;
  }
}
