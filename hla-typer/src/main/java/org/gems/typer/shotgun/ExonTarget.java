package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.genotype.OptionSets;
import org.gems.typer.genotype.WeighedPairs;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * The pairs most of whose bases lie in one exon, against the ways in which alleles look in all
 * exons that these pairs reach. Ways that no pair tells apart are one.
 */
final class ExonTarget extends LaidPairs {
  /** Pairs that are taken together, as there is a pattern's every cost near to the last one. */
  private static final int BLOCK = 32;

  private final Gene gene;
  private final int exon;
  private final List<Fragment> fragments;
  private final int[] touched;
  private final ExonPatterns patterns;
  private final int[] leastCost;
  private final WeighedPairs weighed;

  /**
   * Weighs an exon's pairs; at least one.
   *
   * @param reads of each fragment, as they lie on the gene
   */
  ExonTarget(
      Gene gene, int exon, List<Fragment> fragments, List<List<Alignment>> reads, Ruleset ruleset) {
    super(reads, ruleset);
    this.gene = gene;
    this.exon = exon;
    this.fragments = fragments;
    touched = IntStream.of(gene.exons()).filter(this::isTouched).toArray();
    patterns = new ExonPatterns(gene, touched);
    leastCost = new int[fragments.size()];
    int[][] costs = costs(QualityModel.thousandths(ruleset, Threshold.SHOTGUN_UNSTATED_BASE_LN));
    int[] weighedAs = new int[patterns.size()];
    float[][] likelihoods =
        likelihoods(
            distinct(costs, weighedAs),
            QualityModel.thousandths(ruleset, Threshold.SHOTGUN_TOLERATED_COST_LN));
    OptionSets options =
        OptionSets.of(
            gene.table().alleles().size(), patterns::waysOf, weighedAs, (all, some) -> some);
    weighed =
        WeighedPairs.of(
            ruleset,
            Threshold.SHOTGUN_SHARE_PRIOR_COUNTS,
            fragments.size(),
            likelihoods,
            weighedAs,
            options);
  }

  private boolean isTouched(int feature) {
    int from = gene.firstColumn(feature);
    int to = gene.firstColumn(feature + 1);
    return IntStream.range(0, fragments.size())
        .mapToObj(this::reads)
        .flatMap(List::stream)
        .anyMatch(read -> read.firstFrom(from) < read.firstFrom(to));
  }

  /** What each fragment costs each pattern. */
  private int[][] costs(int unstated) {
    int[][] costs = new int[patterns.size()][fragments.size()];
    for (int i = 0; i < touched.length; i++) {
      int[] rowOf = patterns.rowsOf(i);
      FeatureTable table = gene.features().get(touched[i]);
      int[][] ofRow = new int[BLOCK][table.rows()];
      for (int from = 0; from < fragments.size(); from += BLOCK) {
        int to = Math.min(fragments.size(), from + BLOCK);
        for (int p = from; p < to; p++) {
          score(p, touched[i], unstated, ofRow[p - from]);
        }
        for (int w = 0; w < costs.length; w++) {
          int[] ofPattern = costs[w];
          int row = rowOf[w];
          for (int p = from; p < to; p++) {
            ofPattern[p] += ofRow[p - from][row];
          }
        }
      }
    }
    return costs;
  }

  /** What a fragment costs each row of an exon; nothing where it does not reach it. */
  private void score(int pair, int feature, int unstated, int[] ofRow) {
    FeatureTable table = gene.features().get(feature);
    Arrays.fill(ofRow, 0);
    for (Alignment read : reads(pair)) {
      table.addScore(read, gene.firstColumn(feature), unstated, ofRow);
    }
  }

  /**
   * Relative to each pair's best; less where that is bad, for what no allele of the gene explains
   * is likely another gene's, and decides the less.
   */
  private float[][] likelihoods(int[][] costs, int tolerated) {
    Arrays.fill(leastCost, Integer.MAX_VALUE);
    for (int[] cost : costs) {
      Arrays.setAll(leastCost, p -> Math.min(leastCost[p], cost[p]));
    }
    double[] unexplained = new double[leastCost.length];
    for (int p = 0; p < unexplained.length; p++) {
      unexplained[p] = Math.max(0, leastCost[p] - fragments.get(p).promised() - tolerated);
      best(p, likelihood(unexplained[p]));
    }
    float[][] result = new float[costs.length][unexplained.length];
    for (int w = 0; w < costs.length; w++) {
      for (int p = 0; p < unexplained.length; p++) {
        result[w][p] = likelihood(costs[w][p] - leastCost[p] + unexplained[p]);
      }
    }
    return result;
  }

  @Override
  public String name() {
    return gene.features().get(exon).name();
  }

  @Override
  public WeighedPairs weighed() {
    return weighed;
  }

  @Override
  public int[] sequencesOf(int allele) {
    return patterns.waysOf(allele);
  }

  /** How much more a pair loses if it is of one of some patterns than if it is of the best. */
  double lostBy(int pair, BitSet some) {
    float found = 0;
    for (int w = some.nextSetBit(0); w >= 0; w = some.nextSetBit(w + 1)) {
      found = Math.max(found, likelihoods(w)[pair]);
    }
    return Math.log(
        Math.max(Float.MIN_NORMAL, bestLikelihood(pair)) / Math.max(Float.MIN_NORMAL, found));
  }

  /** What a pair's mismatches in exons lose beyond what its qualities promise, at the least. */
  double unexplained(int pair) {
    return (leastCost[pair] - fragments.get(pair).promised()) / QualityModel.LOSS_SCALE;
  }

  List<Fragment> fragments() {
    return fragments;
  }

  int exon() {
    return exon;
  }

  /** The rows that a weighed pattern has in the exons that its pairs reach; by exon. */
  Map<Integer, Integer> rows(int option) {
    for (int w = 0; w < sequences(); w++) {
      if (weighedAs(w) == option) {
        Map<Integer, Integer> rows = new HashMap<>();
        for (int i = 0; i < touched.length; i++) {
          rows.put(touched[i], patterns.rows(w)[i]);
        }
        return rows;
      }
    }
    return Map.of();
  }
}
