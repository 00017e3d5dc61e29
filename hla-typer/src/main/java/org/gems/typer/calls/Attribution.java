package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.gems.typer.calls.SequencePlaces.Place;
import org.gems.typer.evidence.AlleleOrder;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.evidence.Product;
import org.gems.typer.genotype.AmpliconEvidence;
import org.gems.typer.genotype.AmpliconModel;
import org.gems.typer.genotype.AmpliconModel.Choice;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusResult;

/** Divides the pairs of one amplicon between the alleles of a genotype. */
public final class Attribution {
  private final LocusResult result;
  private final Genotype genotype;
  private final AmpliconModel model;
  private final Choice choice;
  private final double[] pairs = new double[2];
  private final double[][] depth = new double[2][];
  private final BitSet outliers = new BitSet();

  private Attribution(LocusResult result, Genotype genotype, int amplicon) {
    this.result = result;
    this.genotype = genotype;
    this.model = result.model().amplicons().get(amplicon);
    this.choice = result.choice(genotype, amplicon);
    divide();
  }

  /** Divides the pairs of every amplicon that a result rests on. */
  public static List<Attribution> of(LocusResult result, Genotype genotype) {
    List<Attribution> all = new ArrayList<>();
    for (int i = 0; i < result.model().amplicons().size(); i++) {
      all.add(new Attribution(result, genotype, i));
    }
    return all;
  }

  private int length(int index) {
    return index < 0 ? 0 : sequence(index).length;
  }

  /** Base codes of a supported sequence. */
  public byte[] sequence(int index) {
    AmpliconEvidence evidence = model.evidence();
    return evidence.product().haplotypes().sequence(evidence.haplotype(index));
  }

  /** Pairs of all amplicons that something else explains better than a genotype does. */
  static int outliers(LocusResult result, Genotype genotype) {
    double[] parts = new double[2];
    int outliers = 0;
    for (int i = 0; i < result.model().amplicons().size(); i++) {
      AmpliconEvidence evidence = result.model().amplicons().get(i).evidence();
      Choice choice = result.choice(genotype, i);
      for (int p = 0; p < evidence.pairs(); p++) {
        result.mixture().responsibilities(evidence, choice, p, parts);
        outliers += isOutlier(parts) ? 1 : 0;
      }
    }
    return outliers;
  }

  private static boolean isOutlier(double[] parts) {
    return parts[0] + parts[1] < 0.5;
  }

  private void divide() {
    AmpliconEvidence evidence = model.evidence();
    double[] parts = new double[2];
    double[][] steps = {new double[length(choice.one()) + 1], new double[length(choice.two()) + 1]};
    for (int p = 0; p < evidence.pairs(); p++) {
      result.mixture().responsibilities(evidence, choice, p, parts);
      if (genotype.isHomozygous()) {
        parts[0] += parts[1];
        parts[1] = 0;
      }
      outliers.set(p, isOutlier(parts));
      for (int side = 0; side < 2; side++) {
        pairs[side] += parts[side];
        cover(steps[side], evidence.store(), p, parts[side]);
      }
    }
    depth[0] = summed(steps[0]);
    depth[1] = summed(steps[1]);
  }

  /** Notes where a pair's cover begins and ends. */
  private static void cover(double[] steps, PairStore store, int pair, double weight) {
    int bp = steps.length - 1;
    int leftEnd = Math.min(bp, store.leftLength(pair));
    int rightStart = Math.max(leftEnd, bp - store.rightLength(pair));
    steps[0] += weight;
    steps[leftEnd] -= weight;
    steps[rightStart] += weight;
  }

  private static double[] summed(double[] steps) {
    double[] sums = new double[steps.length - 1];
    double sum = 0;
    for (int i = 0; i < sums.length; i++) {
      sum += steps[i];
      sums[i] = Math.max(0, sum);
    }
    return sums;
  }

  /** The amplicon's pairs and sequences. */
  public AmpliconEvidence evidence() {
    return model.evidence();
  }

  /** The amplicon's name. */
  public String amplicon() {
    return model.evidence().product().row().amplicon();
  }

  /** Whether the two alleles differ here, so that pairs can tell them apart. */
  public boolean isDeciding() {
    return !genotype.isHomozygous() && choice.one() != choice.two();
  }

  /** Name of a side's allele. */
  public String alleleName(int side) {
    return result.model().entry(allele(side)).name().text();
  }

  /** Index of a side's sequence among the supported, or -1. */
  public int option(int side) {
    return side == 0 ? choice.one() : choice.two();
  }

  /** Expected pairs of a side, 0 the first allele and 1 the second. */
  public double pairs(int side) {
    return pairs[side];
  }

  /** Pairs that something else explains better. */
  public int outliers() {
    return outliers.cardinality();
  }

  /** Whether something else explains a pair better. */
  public boolean isOutlier(int pair) {
    return outliers.get(pair);
  }

  /** The allele that stands for a side's class. */
  int allele(int side) {
    return (side == 0 ? genotype.one() : genotype.two()).representative();
  }

  /** A side's bases between the primers; for sides that have an option. */
  byte[] sequenceOf(int side) {
    return sequence(option(side));
  }

  /** A side's bases between the primers with their places and depths. */
  PlacedSide placed(int side, SequencePlaces places) {
    Product product = model.evidence().product();
    int option = option(side);
    List<Place> found =
        option < 0 ? List.of() : places.nearest(product, allele(side), sequence(option));
    return PlacedSide.of(product, allele(side), found, depth[side]);
  }

  /**
   * The side that a pair most likely comes from.
   *
   * @return -1 where something else explains it better
   */
  int sideOf(int pair) {
    double[] parts = new double[2];
    result.mixture().responsibilities(model.evidence(), choice, pair, parts);
    if (isOutlier(parts)) {
      return -1;
    }
    return parts[0] >= parts[1] || genotype.isHomozygous() ? 0 : 1;
  }

  /** The coverage row of a side. */
  LocusCall.Coverage coverage(int side, Track track) {
    int index = allele(side);
    double mean = 0;
    double minimum = depth[side].length == 0 ? 0 : Double.MAX_VALUE;
    for (double value : depth[side]) {
      mean += value / depth[side].length;
      minimum = Math.min(minimum, value);
    }
    return new LocusCall.Coverage(
        amplicon(),
        result.model().entry(index).name().text(),
        pairs[side],
        model.evidence().product().haplotypes().knownBpOf(index),
        AlleleOrder.unknownBp(model.evidence().product(), index),
        mean,
        minimum,
        track);
  }
}
