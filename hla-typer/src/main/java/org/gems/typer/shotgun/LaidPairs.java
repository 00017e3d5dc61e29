package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.Bases;
import org.gems.typer.IntKey;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.Places;
import org.gems.typer.genotype.Shown;
import org.gems.typer.genotype.Target;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Pairs whose reads lie on a gene's own columns. */
abstract class LaidPairs implements Target {
  private final List<List<Alignment>> reads;
  private final float[] bestLikelihood;
  private final int strong;
  private final float explaining;

  /** The reads of each pair, as they lie on the gene. */
  LaidPairs(List<List<Alignment>> reads, Ruleset ruleset) {
    this.reads = reads;
    this.bestLikelihood = new float[reads.size()];
    this.strong = ruleset.count(Threshold.STRONG_BASE_QUALITY);
    this.explaining = (float) Math.exp(-ruleset.get(Threshold.SUPPORT_MARGIN_LN));
  }

  /** Notes the likelihood of a pair's best sequence. */
  final void best(int pair, float likelihood) {
    bestLikelihood[pair] = likelihood;
  }

  /** The likelihood of what costs so many thousandths more than the best. */
  static float likelihood(double more) {
    return (float) Math.exp(-more / QualityModel.LOSS_SCALE);
  }

  /**
   * The costs of the patterns that any pair tells apart.
   *
   * @param weighedAs overwritten: as which of them each pattern is weighed
   */
  static int[][] distinct(int[][] costs, int[] weighedAs) {
    Map<IntKey, Integer> seen = new HashMap<>();
    int[][] kept = new int[costs.length][];
    for (int w = 0; w < costs.length; w++) {
      int next = seen.size();
      weighedAs[w] = seen.computeIfAbsent(new IntKey(costs[w]), k -> next);
      kept[weighedAs[w]] = costs[w];
    }
    return Arrays.copyOf(kept, seen.size());
  }

  /** Columns in which any of a pair's reads has a base. */
  static BitSet columns(List<Alignment> reads) {
    BitSet columns = new BitSet();
    for (Alignment read : reads) {
      for (int i = 0; i < read.size(); i++) {
        columns.set(read.column(i), columns.get(read.column(i)) || read.symbol(i) != '.');
      }
    }
    return columns;
  }

  final List<Alignment> reads(int pair) {
    return reads.get(pair);
  }

  /** The alignment needs no allele's places: the reads lie on the gene's own columns. */
  @Override
  public Places places(int allele, int sequence) {
    return new Places(allele, List.of(), new byte[0], new int[0]);
  }

  @Override
  public void show(int pair, Places places, Shown into) {
    into.clear();
    List<Alignment> both = reads(pair);
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
    return List.copyOf(reads(pair));
  }

  private static byte base(Alignment read, int i) {
    return Bases.code(read.symbol(i));
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
}
