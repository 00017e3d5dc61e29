package org.gems.typer.genotype;

/**
 * Sums over pairs for many sequences, four sequences at once: a processor waits for each sum or
 * product before it can go on with it, and makes those of three others meanwhile. Each sequence's
 * numbers are taken in the order that they had alone, so that its result is the same to the bit.
 */
final class FourLanes {
  private static final int LANES = 4;
  private static final double HALF = 0.5;

  /** So many factors, of which none is below a thousandth, are multiplied before a logarithm. */
  private static final int BLOCK = 32;

  private FourLanes() {}

  /** Where there is none left, the last one is taken again. */
  private static int lane(int from, int lane, int size) {
    return Math.min(from + lane, size - 1);
  }

  /**
   * The log-likelihoods of a sequence beside each of some others, both having half of the pairs.
   *
   * @param elsewhere for each pair how likely something else made it
   * @param one likelihoods of the pairs
   */
  static double[] balanced(float[] elsewhere, float[] one, float[][] others) {
    int pairs = one.length;
    double[] half = new double[pairs];
    for (int p = 0; p < pairs; p++) {
      half[p] = (1 - elsewhere[p]) * HALF;
    }
    double[] sums = new double[others.length];
    for (int o = 0; o < others.length; o += LANES) {
      float[] a = others[o];
      float[] b = others[lane(o, 1, others.length)];
      float[] c = others[lane(o, 2, others.length)];
      float[] d = others[lane(o, 3, others.length)];
      double sumA = 0;
      double sumB = 0;
      double sumC = 0;
      double sumD = 0;
      for (int from = 0; from < pairs; from += BLOCK) {
        int end = Math.min(pairs, from + BLOCK);
        double ofA = 1;
        double ofB = 1;
        double ofC = 1;
        double ofD = 1;
        for (int p = from; p < end; p++) {
          float own = one[p];
          double share = half[p];
          double rest = elsewhere[p];
          ofA *= share * (own + a[p]) + rest;
          ofB *= share * (own + b[p]) + rest;
          ofC *= share * (own + c[p]) + rest;
          ofD *= share * (own + d[p]) + rest;
        }
        sumA += Math.log(ofA);
        sumB += Math.log(ofB);
        sumC += Math.log(ofC);
        sumD += Math.log(ofD);
      }
      sums[lane(o, 3, others.length)] = sumD;
      sums[lane(o, 2, others.length)] = sumC;
      sums[lane(o, 1, others.length)] = sumB;
      sums[o] = sumA;
    }
    return sums;
  }

  /** Adds to each pair's number what all sequences say of it, each with its share. */
  static void mix(double[] into, float[][] likelihoods, double[] shares) {
    for (int s = 0; s < shares.length; s += LANES) {
      float[] a = likelihoods[s];
      float[] b = likelihoods[lane(s, 1, shares.length)];
      float[] c = likelihoods[lane(s, 2, shares.length)];
      float[] d = likelihoods[lane(s, 3, shares.length)];
      double ofA = shares[s];
      double ofB = s + 1 < shares.length ? shares[s + 1] : 0;
      double ofC = s + 2 < shares.length ? shares[s + 2] : 0;
      double ofD = s + 3 < shares.length ? shares[s + 3] : 0;
      for (int p = 0; p < into.length; p++) {
        into[p] = into[p] + ofA * a[p] + ofB * b[p] + ofC * c[p] + ofD * d[p];
      }
    }
  }

  /** For each sequence the sum of its likelihoods, each pair's with a weight. */
  static double[] weighed(double[] weights, float[][] likelihoods) {
    double[] sums = new double[likelihoods.length];
    for (int s = 0; s < sums.length; s += LANES) {
      float[] a = likelihoods[s];
      float[] b = likelihoods[lane(s, 1, sums.length)];
      float[] c = likelihoods[lane(s, 2, sums.length)];
      float[] d = likelihoods[lane(s, 3, sums.length)];
      double sumA = 0;
      double sumB = 0;
      double sumC = 0;
      double sumD = 0;
      for (int p = 0; p < weights.length; p++) {
        double weight = weights[p];
        sumA += a[p] * weight;
        sumB += b[p] * weight;
        sumC += c[p] * weight;
        sumD += d[p] * weight;
      }
      sums[lane(s, 3, sums.length)] = sumD;
      sums[lane(s, 2, sums.length)] = sumC;
      sums[lane(s, 1, sums.length)] = sumB;
      sums[s] = sumA;
    }
    return sums;
  }
}
