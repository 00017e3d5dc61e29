package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What share of the fragments each group would have if all were mixed (expectation-maximisation).
 */
final class GroupShares {
  private static final int ROUNDS = 12;

  /** After so many rounds all but the leading groups are left out. */
  private static final int BROAD_ROUNDS = 3;

  private static final int LEADERS = 256;

  private final ExonModel model;
  private final double[] shares;

  GroupShares(ExonModel model) {
    this.model = model;
    this.shares = new double[model.groups().size()];
  }

  /** One share a group; those left out have none. */
  double[] estimate() {
    Arrays.fill(shares, 1.0 / shares.length);
    int[] groups = IntStream.range(0, shares.length).toArray();
    for (int round = 0; round < ROUNDS; round++) {
      if (round == BROAD_ROUNDS) {
        groups = leaders();
      }
      improve(groups);
    }
    return shares;
  }

  /** The groups with at least the share of the last that leads; of equals all. */
  private int[] leaders() {
    double[] sorted = shares.clone();
    Arrays.sort(sorted);
    double least = sorted[Math.max(0, sorted.length - LEADERS)];
    for (int g = 0; g < shares.length; g++) {
      shares[g] = shares[g] < least ? 0 : shares[g];
    }
    return IntStream.range(0, shares.length).filter(g -> shares[g] > 0).toArray();
  }

  private void improve(int[] groups) {
    double[] sums = new double[model.fragments().size()];
    for (int g : groups) {
      float[] likelihoods = model.likelihoods(g);
      for (int p = 0; p < sums.length; p++) {
        sums[p] += shares[g] * likelihoods[p];
      }
    }
    for (int p = 0; p < sums.length; p++) {
      sums[p] = 1 / (sums[p] + 1e-9);
    }
    for (int g : groups) {
      float[] likelihoods = model.likelihoods(g);
      double sum = 0;
      for (int p = 0; p < sums.length; p++) {
        sum += likelihoods[p] * sums[p];
      }
      shares[g] *= sum / sums.length;
    }
  }
}
