package org.gems.typer.evidence;

import java.util.Optional;
import org.gems.typer.evidence.PairScorer.Slice;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Sends each pair to the product whose sequences explain it best, or to the filter that stops it.
 * One router serves one sample.
 */
public final class PairRouter {
  private final Catalog catalog;
  private final PrimerMatcher matcher;
  private final PairScorer scorer;
  private final QualityModel qualities;
  private final SampleEvidence evidence;
  private final int minimumBp;
  private final double maximumErrorRate;
  private final double margin;
  private final double deviations;
  private final int cap;
  private final float supportMargin;

  private final PackedRead first = new PackedRead();
  private final PackedRead second = new PackedRead();
  private float[] scores = new float[0];
  private float[] bestScores = new float[0];

  private int bestProduct;
  private int bestCandidate;
  private float bestScore;

  /** A router that fills an evidence. */
  public PairRouter(Catalog catalog, Ruleset ruleset, SampleEvidence evidence) {
    this.catalog = catalog;
    this.evidence = evidence;
    this.qualities = new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR));
    this.matcher = new PrimerMatcher(catalog.rows(), ruleset);
    this.scorer = new PairScorer(qualities);
    this.minimumBp = ruleset.count(Threshold.READ_MINIMUM_BP);
    this.maximumErrorRate = ruleset.get(Threshold.READ_MAXIMUM_EXPECTED_ERROR_RATE);
    this.margin = ruleset.get(Threshold.EXPLAINED_MARGIN_LN);
    this.deviations = ruleset.get(Threshold.EXPLAINED_DEVIATIONS);
    this.cap = ruleset.count(Threshold.PAIRS_CAP_PER_AMPLICON);
    this.supportMargin = (float) ruleset.get(Threshold.SUPPORT_MARGIN_LN);
  }

  /** The first read's buffer, to be loaded before {@link #route}. */
  public PackedRead first() {
    return first;
  }

  /** The second read's buffer, to be loaded before {@link #route}. */
  public PackedRead second() {
    return second;
  }

  /** Sends the loaded pair where it belongs. */
  public void route() {
    Optional<Filter> lost = matcher.match(first, second);
    if (lost.isEmpty()) {
      lost = weigh();
    }
    lost.ifPresent(evidence::lose);
  }

  private Optional<Filter> weigh() {
    if (errorRate(first) > maximumErrorRate || errorRate(second) > maximumErrorRate) {
      return Optional.of(Filter.LOW_QUALITY);
    }
    bestProduct = -1;
    boolean longEnough = false;
    for (int c = 0; c < matcher.found(); c++) {
      if (leftLength(c) >= minimumBp && rightLength(c) >= minimumBp) {
        longEnough = true;
        compete(c);
      }
    }
    if (bestProduct < 0) {
      return Optional.of(longEnough ? Filter.NOT_ASKED : Filter.TOO_SHORT);
    }
    return settle();
  }

  private void compete(int candidate) {
    for (int p : catalog.productsOfRow(matcher.row(candidate))) {
      HaplotypeSet set = catalog.products().get(p).haplotypes();
      if (scores.length < set.size()) {
        scores = new float[set.size()];
      }
      float least = bestProduct < 0 ? Float.NEGATIVE_INFINITY : bestScore;
      if (!scorer.scoreUnlessBelow(
          least, set, leftSlice(candidate), rightSlice(candidate), scores)) {
        continue;
      }
      float best = PairScorer.maximum(scores, set.size());
      boolean tied = best == bestScore && p < bestProduct;
      if (bestProduct < 0 || best > bestScore || tied) {
        bestProduct = p;
        bestCandidate = candidate;
        bestScore = best;
        float[] swap = bestScores;
        bestScores = scores;
        scores = swap;
      }
    }
  }

  private Optional<Filter> settle() {
    Product product = catalog.products().get(bestProduct);
    if (!isExplained(product.haplotypes())) {
      keep(evidence.unexplained(bestProduct));
      return Optional.of(Filter.NO_ALLELE_WITHIN_TOLERANCE);
    }
    if (product.isDecoy()) {
      evidence.countDecoy(bestProduct);
      support();
      return Optional.of(Filter.OFF_TARGET);
    }
    PairStore store = evidence.store(bestProduct);
    if (store.size() >= cap) {
      return Optional.of(Filter.BEYOND_DEPTH_CAP);
    }
    keep(store);
    support();
    return Optional.empty();
  }

  private void support() {
    int[] support = evidence.support(bestProduct);
    for (int h = 0; h < support.length; h++) {
      support[h] += bestScores[h] >= bestScore - supportMargin ? 1 : 0;
    }
  }

  private void keep(PairStore store) {
    if (store.size() < cap) {
      store.add(
          left(bestCandidate),
          matcher.afterForward(bestCandidate),
          right(bestCandidate),
          matcher.afterReverse(bestCandidate),
          bestScore);
    }
  }

  /** Whether the best sequence's mismatches are about what the qualities promise. */
  private boolean isExplained(HaplotypeSet set) {
    int bp = set.sequence(0).length;
    double mean = 0;
    double variance = 0;
    for (int side = 0; side < 2; side++) {
      PackedRead read = side == 0 ? left(bestCandidate) : right(bestCandidate);
      int from =
          side == 0 ? matcher.afterForward(bestCandidate) : matcher.afterReverse(bestCandidate);
      for (int i = from; i < Math.min(read.length(), from + bp); i++) {
        int quality = PackedRead.quality(read.packed()[i]);
        double rate = qualities.errorRate(quality);
        double penalty = qualities.penalty(quality);
        mean += rate * penalty;
        variance += rate * (1 - rate) * penalty * penalty;
      }
    }
    return -bestScore <= mean + deviations * Math.sqrt(variance) + margin;
  }

  private double errorRate(PackedRead read) {
    double sum = 0;
    for (int i = 0; i < read.length(); i++) {
      sum += qualities.errorRate(PackedRead.quality(read.packed()[i]));
    }
    return sum / read.length();
  }

  private PackedRead left(int candidate) {
    return matcher.firstIsForward(candidate) ? first : second;
  }

  private PackedRead right(int candidate) {
    return matcher.firstIsForward(candidate) ? second : first;
  }

  private Slice leftSlice(int candidate) {
    int from = matcher.afterForward(candidate);
    return new Slice(left(candidate).packed(), from, leftLength(candidate));
  }

  private Slice rightSlice(int candidate) {
    int from = matcher.afterReverse(candidate);
    return new Slice(right(candidate).packed(), from, rightLength(candidate));
  }

  private int leftLength(int candidate) {
    return left(candidate).length() - matcher.afterForward(candidate);
  }

  private int rightLength(int candidate) {
    return right(candidate).length() - matcher.afterReverse(candidate);
  }
}
