package org.gems.typer.shotgun;

/**
 * How well two alleles together explain fragments: each comes from the first with the share, from
 * the second with the rest, or at a low rate from something else that explains it as well as
 * anything can.
 */
final class FragmentMixture {
  private static final int ROUNDS = 8;

  /** Far above the smallest double: factors are multiplied up to here before a logarithm. */
  private static final double SMALL = 1e-200;

  private final double outlierRate;
  private final double minimumShare;
  private final double priorCounts;

  FragmentMixture(double outlierRate, double minimumShare, double priorCounts) {
    this.outlierRate = outlierRate;
    this.minimumShare = minimumShare;
    this.priorCounts = priorCounts;
  }

  /** The first allele's share where two differ. */
  double share(float[] one, float[] two) {
    double share = 0.5;
    for (int round = 0; round < ROUNDS; round++) {
      double sumOne = priorCounts;
      double sumTwo = priorCounts;
      for (int p = 0; p < one.length; p++) {
        double fromOne = (1 - outlierRate) * share * one[p];
        double fromTwo = (1 - outlierRate) * (1 - share) * two[p];
        double all = fromOne + fromTwo + outlierRate;
        sumOne += fromOne / all;
        sumTwo += fromTwo / all;
      }
      share = sumOne / (sumOne + sumTwo);
      share = Math.max(minimumShare, Math.min(1 - minimumShare, share));
    }
    return share;
  }

  /** Natural logarithm of the likelihood of all fragments, the weak pull to one half included. */
  double logLikelihood(float[] one, float[] two, double share) {
    double first = (1 - outlierRate) * share;
    double second = (1 - outlierRate) * (1 - share);
    double product = 1;
    double sum = priorCounts * Math.log(4 * share * (1 - share));
    int p = 0;
    for (; p + 4 <= one.length; p += 4) {
      // Four independent sums keep the processor busy; four factors cannot underflow.
      double a = first * one[p] + second * two[p] + outlierRate;
      double b = first * one[p + 1] + second * two[p + 1] + outlierRate;
      double c = first * one[p + 2] + second * two[p + 2] + outlierRate;
      double d = first * one[p + 3] + second * two[p + 3] + outlierRate;
      product *= (a * b) * (c * d);
      if (product < SMALL) {
        sum += Math.log(product);
        product = 1;
      }
    }
    for (; p < one.length; p++) {
      product *= first * one[p] + second * two[p] + outlierRate;
    }
    return sum + Math.log(product);
  }

  /** How likely a fragment comes from the first, given its likelihoods under both. */
  double fromFirst(float one, float two, double share) {
    double fromOne = (1 - outlierRate) * share * one;
    double fromTwo = (1 - outlierRate) * (1 - share) * two;
    return fromOne / (fromOne + fromTwo + outlierRate);
  }

  /** Whether neither of two explains a fragment as well as something else does. */
  boolean isOutlier(float one, float two, double share) {
    return (1 - outlierRate) * (share * one + (1 - share) * two) < outlierRate;
  }
}
