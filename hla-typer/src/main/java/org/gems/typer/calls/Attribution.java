package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.Mixture;
import org.gems.typer.genotype.OptionFits.Choice;
import org.gems.typer.genotype.OptionSets;
import org.gems.typer.genotype.Target;
import org.gems.typer.genotype.TargetModel;

/** Divides the pairs of one target between the alleles of a genotype. */
public final class Attribution {
  /** A pair that another gene may well have made is nobody's outlier here. */
  private static final double CONTESTED = 0.1;

  private static final double HALF = 0.5;

  private final LocusResult result;
  private final Genotype genotype;
  private final TargetModel model;
  private final Choice choice;
  private final float[] one;
  private final float[] two;
  private final double[] pairs = new double[2];
  private final BitSet outliers = new BitSet();

  private Attribution(LocusResult result, Genotype genotype, int target) {
    this.result = result;
    this.genotype = genotype;
    this.model = result.model().target(target);
    this.choice = result.choice(genotype, target);
    this.one = model.likelihoods(choice.one());
    this.two = model.likelihoods(choice.two());
    double[] parts = new double[2];
    for (int p = 0; p < target().pairs(); p++) {
      parts(p, parts);
      pairs[0] += parts[0];
      pairs[1] += parts[1];
      outliers.set(p, parts[0] + parts[1] < HALF && target().elsewhere()[p] < CONTESTED);
    }
  }

  /** Divides the pairs of every target that a result rests on. */
  public static List<Attribution> of(LocusResult result, Genotype genotype) {
    List<Attribution> all = new ArrayList<>();
    for (int i = 0; i < result.model().targets().size(); i++) {
      all.add(new Attribution(result, genotype, i));
    }
    return all;
  }

  /** Divides the pairs of every stretch by which introns told alleles apart. */
  static List<Attribution> ofStretches(LocusResult result) {
    int targets = result.model().targets().size();
    return IntStream.range(targets, targets + result.model().stretches())
        .mapToObj(i -> new Attribution(result, result.called(), i))
        .toList();
  }

  /**
   * How likely a pair comes from each side; all of it from the first where there is one allele.
   *
   * @param into two numbers, overwritten
   */
  void parts(int pair, double[] into) {
    double share = choice.fit().share();
    Mixture.responsibilities(one[pair], two[pair], target().elsewhere()[pair], share, into);
    if (genotype.isHomozygous()) {
      into[0] += into[1];
      into[1] = 0;
    }
  }

  /** How likely a pair comes from the first allele, if from one of the two. */
  double fromFirst(int pair) {
    double share = choice.fit().share();
    double first = share * one[pair];
    double both = first + (1 - share) * two[pair];
    return genotype.isHomozygous() ? 1 : both > 0 ? first / both : share;
  }

  /** The target's pairs and sequences. */
  public Target target() {
    return model.target();
  }

  /** The target's name. */
  public String name() {
    return target().name();
  }

  /** Whether the two alleles differ here, so that pairs can tell them apart. */
  public boolean isDeciding() {
    return !genotype.isHomozygous() && choice.one() != choice.two();
  }

  /** Name of a side's allele. */
  public String alleleName(int side) {
    return result.model().entry(allele(side)).name().text();
  }

  /** Index of a side's sequence among the weighed, or {@link OptionSets#NONE}. */
  public int option(int side) {
    return side == 0 ? choice.one() : choice.two();
  }

  /** Expected pairs of a side, 0 the first allele and 1 the second. */
  public double pairs(int side) {
    return pairs[side];
  }

  /** Adds, by side, the pairs that tell the alleles apart: those equal on both say nothing. */
  void addDeciding(double[] sums) {
    double[] parts = new double[2];
    for (int p = 0; p < target().pairs(); p++) {
      if (one[p] != two[p]) {
        parts(p, parts);
        sums[0] += parts[0];
        sums[1] += parts[1];
      }
    }
  }

  /** Pairs that something else explains better. */
  public int outliers() {
    return outliers.cardinality();
  }

  /** Whether something else explains a pair better. */
  public boolean isOutlier(int pair) {
    return outliers.get(pair);
  }

  /**
   * Whether nothing is better for a pair than a called allele, a base that no allele has apart:
   * such a pair may tell of a new allele.
   */
  public boolean isNearest(int pair) {
    return Math.max(one[pair], two[pair]) > HALF * target().bestLikelihood(pair);
  }

  /** The allele that stands for a side's class. */
  public int allele(int side) {
    return (side == 0 ? genotype.one() : genotype.two()).representative();
  }

  /** Number of called alleles. */
  public int sides() {
    return genotype.classes().size();
  }
}
