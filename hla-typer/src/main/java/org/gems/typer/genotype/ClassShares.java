package org.gems.typer.genotype;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What share of the pairs each class would have if all were mixed (expectation-maximisation). A
 * class that is open is taken at its first option.
 */
final class ClassShares {
  private static final int ROUNDS = 15;

  /** Keeps a pair that nothing explains from counting without bound. */
  private static final double UNEXPLAINED = 1e-9;

  private final LocusModel model;
  private final List<AlleleClass> classes;

  ClassShares(LocusModel model) {
    this.model = model;
    this.classes = model.classes();
  }

  /** One share a class. */
  double[] estimate() {
    double[] shares = new double[classes.size()];
    Arrays.fill(shares, 1.0 / shares.length);
    for (int round = 0; round < ROUNDS; round++) {
      shares = improved(shares);
    }
    return shares;
  }

  private double[] improved(double[] shares) {
    double[] gained = new double[shares.length];
    double pairs = 0;
    for (int t = 0; t < model.targets().size(); t++) {
      TargetModel target = model.targets().get(t);
      double[] bySet = gains(target, sharesBySet(t, shares));
      for (int c = 0; c < shares.length; c++) {
        gained[c] += bySet[classes.get(c).set(t)];
      }
      pairs += target.target().pairs();
    }
    for (int c = 0; c < shares.length; c++) {
      gained[c] *= shares[c] / Math.max(1, pairs);
    }
    return gained;
  }

  private double[] sharesBySet(int target, double[] shares) {
    double[] sums = new double[model.targets().get(target).target().options().size()];
    for (int c = 0; c < shares.length; c++) {
      sums[classes.get(c).set(target)] += shares[c];
    }
    return sums;
  }

  /** For each set the sum over pairs of its likelihood beside that of the mixture. */
  static double[] gains(TargetModel target, double[] shares) {
    int[] sets =
        IntStream.range(0, shares.length).filter(set -> shares[set] > UNEXPLAINED).toArray();
    float[][] likelihoods =
        IntStream.of(sets).mapToObj(target::firstLikelihoods).toArray(float[][]::new);
    double[] all = new double[target.target().pairs()];
    Arrays.fill(all, UNEXPLAINED);
    FourLanes.mix(all, likelihoods, IntStream.of(sets).mapToDouble(s -> shares[s]).toArray());
    float[] elsewhere = target.target().elsewhere();
    for (int p = 0; p < all.length; p++) {
      all[p] = (1 - elsewhere[p]) / all[p];
    }
    double[] sums = FourLanes.weighed(all, likelihoods);
    double[] gains = new double[shares.length];
    for (int i = 0; i < sets.length; i++) {
      gains[sets[i]] = sums[i];
    }
    return gains;
  }
}
