package org.gems.typer.shotgun;

import java.util.BitSet;
import java.util.List;
import org.gems.typer.genotype.Look;
import org.gems.typer.genotype.OptionSets;
import org.gems.typer.genotype.Segment;
import org.gems.typer.genotype.WeighedPairs;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Pairs of one stretch of a gene against the ways in which some of its alleles look there. */
final class SegmentTarget extends LaidPairs {
  private final String name;
  private final SegmentWays ways;
  private final SegmentCosts costs;
  private final Ruleset ruleset;
  private final int pairs;
  private final float[] elsewhere;
  private final double[] unexplained;
  private final WeighedPairs weighed;
  private final int[] weighedAs;

  /**
   * Weighs a stretch's pairs; at least one.
   *
   * @param reads of each pair, as they lie on the gene
   * @param promised what each pair's qualities promise to lose, in thousandths of a logarithm
   * @param elsewhere how likely something else made each pair
   * @param looks that are told apart
   */
  SegmentTarget(
      Gene gene,
      String name,
      List<List<Alignment>> reads,
      double[] promised,
      float[] elsewhere,
      List<Look> looks,
      Ruleset ruleset) {
    super(reads, ruleset);
    this.name = name;
    this.ruleset = ruleset;
    this.pairs = reads.size();
    this.elsewhere = elsewhere;
    this.unexplained = new double[pairs];
    this.ways = new SegmentWays(gene, looks, read());
    this.costs = new SegmentCosts(gene, ways, reads);
    this.weighedAs = new int[ways.size()];
    int[][] distinct = distinct(costs.whole(), weighedAs);
    int tolerated = QualityModel.thousandths(ruleset, Threshold.SHOTGUN_TOLERATED_COST_LN);
    for (int p = 0; p < pairs; p++) {
      double least = least(distinct, p) + costs.usual(p);
      unexplained[p] = Math.max(0, least - promised[p] - tolerated);
      best(p, likelihood(unexplained[p]));
    }
    this.weighed =
        weighed(
            distinct,
            weighedAs,
            OptionSets.of(looks.size(), ways::waysOf, weighedAs, (all, some) -> some));
  }

  /** The stretch, and its exons apart. */
  Segment segment() {
    int[] exonsOfWay = new int[ways.size()];
    int[][] distinct = distinct(costs.exons(), exonsOfWay);
    int[] exonsOf = new int[size()];
    for (int w = 0; w < exonsOfWay.length; w++) {
      // Ways that no pair tells apart are told apart by none of its exon bases either.
      exonsOf[weighedAs[w]] = exonsOfWay[w];
    }
    WeighedPairs exons = weighed(distinct, exonsOfWay, weighed.options());
    return new Segment(this, exons, exonsOf, ways.open());
  }

  private BitSet read() {
    BitSet read = new BitSet();
    for (int p = 0; p < pairs; p++) {
      for (Alignment one : reads(p)) {
        for (int i = 0; i < one.size(); i++) {
          read.set(one.column(i));
        }
      }
    }
    return read;
  }

  private static int least(int[][] costs, int pair) {
    int least = Integer.MAX_VALUE;
    for (int[] cost : costs) {
      least = Math.min(least, cost[pair]);
    }
    return least;
  }

  private WeighedPairs weighed(int[][] costs, int[] as, OptionSets options) {
    float[][] likelihoods = new float[costs.length][pairs];
    for (int p = 0; p < pairs; p++) {
      int least = least(costs, p);
      for (int w = 0; w < costs.length; w++) {
        likelihoods[w][p] = likelihood(costs[w][p] - least + unexplained[p]);
      }
    }
    double prior = ruleset.get(Threshold.SHOTGUN_SEGMENT_SHARE_PRIOR_COUNTS);
    return new WeighedPairs(likelihoods, as, options, elsewhere, prior);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public WeighedPairs weighed() {
    return weighed;
  }

  @Override
  public int[] sequencesOf(int look) {
    return ways.waysOf(look);
  }
}
