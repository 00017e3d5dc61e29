package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.Bases;
import org.gems.typer.IntKey;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.OptionSets;
import org.gems.typer.genotype.Places;
import org.gems.typer.genotype.Shown;
import org.gems.typer.genotype.Target;
import org.gems.typer.genotype.WeighedPairs;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * The pairs most of whose bases lie in one exon, against the ways in which alleles look in all
 * exons that these pairs reach. Ways that no pair tells apart are one.
 */
final class ExonTarget implements Target {
  private final Gene gene;
  private final int exon;
  private final List<Fragment> fragments;
  private final List<List<Alignment>> reads;
  private final int[] touched;
  private final ExonPatterns patterns;
  private final int[] leastCost;
  private final float[] bestLikelihood;
  private final WeighedPairs weighed;
  private final int strong;
  private final float explaining;

  /**
   * Weighs an exon's pairs; at least one.
   *
   * @param reads of each fragment, as they lie on the gene
   */
  ExonTarget(
      Gene gene, int exon, List<Fragment> fragments, List<List<Alignment>> reads, Ruleset ruleset) {
    this.gene = gene;
    this.exon = exon;
    this.fragments = fragments;
    this.reads = reads;
    this.strong = ruleset.count(Threshold.STRONG_BASE_QUALITY);
    this.explaining = (float) Math.exp(-ruleset.get(Threshold.SUPPORT_MARGIN_LN));
    touched = IntStream.of(gene.exons()).filter(this::isTouched).toArray();
    patterns = new ExonPatterns(gene, touched);
    leastCost = new int[fragments.size()];
    int[][] costs = costs(ShotgunLibrary.thousandths(ruleset, Threshold.SHOTGUN_UNSTATED_BASE_LN));
    bestLikelihood = new float[fragments.size()];
    int[] weighedAs = new int[patterns.size()];
    float[][] likelihoods =
        likelihoods(
            distinct(costs, weighedAs),
            ShotgunLibrary.thousandths(ruleset, Threshold.SHOTGUN_TOLERATED_COST_LN));
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
    return reads.stream()
        .flatMap(List::stream)
        .anyMatch(read -> read.firstFrom(from) < read.firstFrom(to));
  }

  /** What each fragment costs each pattern. */
  private int[][] costs(int unstated) {
    int[][] costs = new int[patterns.size()][fragments.size()];
    for (int i = 0; i < touched.length; i++) {
      FeatureTable table = gene.features().get(touched[i]);
      int start = gene.firstColumn(touched[i]);
      int[] ofRow = new int[table.rows()];
      int[] once = new int[table.rows()];
      for (int p = 0; p < fragments.size(); p++) {
        Arrays.fill(ofRow, 0);
        boolean isAny = false;
        for (Alignment read : reads.get(p)) {
          if (read.firstFrom(start) < read.firstFrom(start + table.columns())) {
            table.score(read, start, unstated, once);
            for (int r = 0; r < ofRow.length; r++) {
              ofRow[r] += once[r];
            }
            isAny = true;
          }
        }
        for (int w = 0; isAny && w < costs.length; w++) {
          costs[w][p] += ofRow[patterns.rows(w)[i]];
        }
      }
    }
    return costs;
  }

  /**
   * The costs of the patterns that any pair tells apart.
   *
   * @param weighedAs overwritten: as which of them each pattern is weighed
   */
  private static int[][] distinct(int[][] costs, int[] weighedAs) {
    Map<IntKey, Integer> seen = new HashMap<>();
    int[][] kept = new int[costs.length][];
    for (int w = 0; w < costs.length; w++) {
      int next = seen.size();
      weighedAs[w] = seen.computeIfAbsent(new IntKey(costs[w]), k -> next);
      kept[weighedAs[w]] = costs[w];
    }
    return Arrays.copyOf(kept, seen.size());
  }

  /**
   * Relative to each pair's best; less where that is bad, for what no allele of the gene explains
   * is likely another gene's, and decides the less.
   */
  private float[][] likelihoods(int[][] costs, int tolerated) {
    float[][] result = new float[costs.length][fragments.size()];
    for (int p = 0; p < fragments.size(); p++) {
      int least = Integer.MAX_VALUE;
      for (int[] cost : costs) {
        least = Math.min(least, cost[p]);
      }
      leastCost[p] = least;
      double unexplained = Math.max(0, least - fragments.get(p).promised() - tolerated);
      bestLikelihood[p] = likelihood(unexplained);
      for (int w = 0; w < costs.length; w++) {
        result[w][p] = likelihood(costs[w][p] - least + unexplained);
      }
    }
    return result;
  }

  private static float likelihood(double more) {
    return (float) Math.exp(-more / QualityModel.LOSS_SCALE);
  }

  @Override
  public String name() {
    return gene.features().get(exon).name();
  }

  @Override
  public WeighedPairs weighed() {
    return weighed;
  }

  /** The alignment needs no allele's places: the reads lie on the gene's own columns. */
  @Override
  public Places places(int allele, int sequence) {
    return new Places(allele, List.of(), new byte[0], new int[0]);
  }

  @Override
  public void show(int pair, Places places, Shown into) {
    into.clear();
    List<Alignment> both = reads.get(pair);
    Alignment one = both.get(0);
    Alignment two = both.size() > 1 ? both.get(1) : one;
    int j = both.size() > 1 ? 0 : two.size();
    for (int i = 0; i < one.size() || j < two.size(); ) {
      boolean isOne = i < one.size() && (j == two.size() || one.column(i) <= two.column(j));
      boolean isTwo = j < two.size() && (i == one.size() || two.column(j) <= one.column(i));
      boolean isGap = isOne && isTwo && one.symbol(i) == '.' && two.symbol(j) == '.';
      if (isOne && isTwo && !isGap) {
        into.addBoth(
            one.column(i), base(one, i), one.quality(i), base(two, j), two.quality(j), strong);
      } else if (isOne && !isTwo && one.symbol(i) != '.') {
        into.add(one.column(i), base(one, i), one.quality(i));
      } else if (isTwo && !isOne && two.symbol(j) != '.') {
        into.add(two.column(j), base(two, j), two.quality(j));
      }
      i += isOne ? 1 : 0;
      j += isTwo ? 1 : 0;
    }
  }

  @Override
  public List<LaidRead> laid(int pair) {
    return List.copyOf(reads.get(pair));
  }

  private static byte base(Alignment read, int i) {
    return Bases.code(read.symbol(i));
  }

  @Override
  public int[] sequencesOf(int allele) {
    return patterns.waysOf(allele);
  }

  @Override
  public BitSet explaining(int pair) {
    float least = bestLikelihood(pair) * explaining;
    BitSet found = new BitSet(sequences());
    for (int w = 0; w < sequences(); w++) {
      found.set(w, likelihoods(weighedAs(w))[pair] >= least);
    }
    return found;
  }

  @Override
  public float bestLikelihood(int pair) {
    return bestLikelihood[pair];
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

  List<Alignment> reads(int pair) {
    return reads.get(pair);
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
