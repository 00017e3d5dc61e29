package org.gems.typer.shotgun;

/**
 * How well two alleles together explain fragments: each comes from the first with the share, from
 * the second with the rest, or at a low rate from something else that explains it as well as
 * anything can.
 */
final class FragmentMixture {
  private static final int ROUNDS = 8;
  private static final double[] SHARES = {0.5, 0.2, 0.8, 0.05, 0.95};

  /** So many factors of at least the outlier rate can be multiplied before a logarithm. */
  private static final int BLOCK = 32;

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
        if (one[p] == two[p]) {
          continue; // says nothing of shares, and would only slow their estimate
        }
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

  /**
   * The log-likelihood at the best of a few shares: enough to rank by.
   *
   * @param least what is of interest; below it the answer may be any number that is below it
   */
  double roughLogLikelihood(float[] one, float[] two, double least) {
    double best = Double.NEGATIVE_INFINITY;
    for (double share : SHARES) {
      best = Math.max(best, logLikelihood(one, two, share, Math.max(least, best)));
    }
    return best;
  }

  /** Natural logarithm of the likelihood of all fragments, the weak pull to one half included. */
  double logLikelihood(float[] one, float[] two, double share) {
    return logLikelihood(one, two, share, Double.NEGATIVE_INFINITY);
  }

  /**
   * The same, given up where it cannot reach what is of interest: no fragment adds to it.
   *
   * @param least below it the answer may be any number that is below it
   */
  double logLikelihood(float[] one, float[] two, double share, double least) {
    double first = (1 - outlierRate) * share;
    double second = (1 - outlierRate) * (1 - share);
    double sum = priorCounts * Math.log(4 * share * (1 - share));
    for (int from = 0; from < one.length && sum >= least; from += BLOCK) {
      int to = Math.min(one.length, from + BLOCK);
      double product = 1;
      int p = from;
      // Four independent factors at a time keep the processor busy.
      for (; p + 4 <= to; p += 4) {
        double a = first * one[p] + second * two[p] + outlierRate;
        double b = first * one[p + 1] + second * two[p + 1] + outlierRate;
        double c = first * one[p + 2] + second * two[p + 2] + outlierRate;
        double d = first * one[p + 3] + second * two[p + 3] + outlierRate;
        product *= (a * b) * (c * d);
      }
      for (; p < to; p++) {
        product *= first * one[p] + second * two[p] + outlierRate;
      }
      sum += Math.log(product);
    }
    return sum;
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
