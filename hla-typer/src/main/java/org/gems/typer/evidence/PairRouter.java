package org.gems.typer.evidence;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.gems.typer.Bases;
import org.gems.typer.evidence.NearestSequences.Recent;
import org.gems.typer.evidence.NearestSequences.Slice;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Finds for each pair the product whose sequences explain it best, or the filter that stops it. Not
 * safe for use by several threads; what it remembers of earlier pairs only saves time.
 */
public final class PairRouter {
  /** Where nothing is known of a pair, the loss that is tried first: one mismatch or two. */
  private static final int FIRST_TRY = 12 * QualityModel.LOSS_SCALE;

  /** What a base costs that a read has past a sequence's end, in the other primer or adapter. */
  private static final int BEGINNING_BP = 15;

  private final Catalog catalog;
  private final PrimerMatcher matcher;
  private final NearestSequences nearest;
  private final Recent[] recent;

  /** Each row's primers as a read runs into them at an amplicon's other end. */
  private final byte[][] otherForward;

  private final byte[][] otherReverse;
  private final QualityModel qualities;
  private final int minimumBp;
  private final double maximumErrorRate;
  private final Tolerance tolerance;
  private final int supportMargin;
  private final int primerMismatches;

  private final PackedRead first = new PackedRead();
  private final PackedRead second = new PackedRead();
  private final boolean[] isLongEnough;
  private int loaded;
  private int bestProduct;
  private int bestCandidate;
  private int leastLoss;
  private int best;
  private int[] supported = new int[64];
  private int supportedCount;

  /** A router to the products of a catalog. */
  public PairRouter(Catalog catalog, Ruleset ruleset) {
    this.catalog = catalog;
    this.qualities = QualityModel.of(ruleset);
    this.matcher = new PrimerMatcher(catalog.rows(), ruleset);
    this.nearest = new NearestSequences(qualities);
    this.isLongEnough = new boolean[2 * catalog.rows().size()];
    this.recent = new Recent[catalog.products().size()];
    Arrays.setAll(recent, p -> new Recent());
    this.otherForward = onOtherStrand(catalog.rows(), PanelRow::forwardPrimer);
    this.otherReverse = onOtherStrand(catalog.rows(), PanelRow::reversePrimer);
    this.minimumBp = ruleset.count(Threshold.READ_MINIMUM_BP);
    this.maximumErrorRate = ruleset.get(Threshold.READ_MAXIMUM_EXPECTED_ERROR_RATE);
    this.primerMismatches = ruleset.count(Threshold.PRIMER_MAXIMUM_MISMATCHES);
    this.tolerance = new Tolerance(ruleset);
    this.supportMargin = QualityModel.thousandths(ruleset, Threshold.SUPPORT_MARGIN_LN);
  }

  private static byte[][] onOtherStrand(List<PanelRow> rows, Function<PanelRow, String> primer) {
    return rows.stream()
        .map(row -> Bases.reverseComplementOfSets(Bases.sets(primer.apply(row))))
        .toArray(byte[][]::new);
  }

  /**
   * Routes the pairs of a batch. Those that begin alike come one after the other, for the sequences
   * of one amplicon fit the processor's cache and those of all do not.
   */
  public RoutedBatch route(ReadBatch batch) {
    RoutedBatch routed = new RoutedBatch(batch.size());
    long[] order = new long[batch.size()];
    for (int pair = 0; pair < order.length; pair++) {
      order[pair] = (long) beginning(batch, pair) << Integer.SIZE | pair;
    }
    Arrays.sort(order);
    for (long next : order) {
      route(batch, (int) next, routed);
    }
    return routed;
  }

  /** A number that pairs of one amplicon and orientation share, as a rule. */
  private static int beginning(ReadBatch batch, int pair) {
    int number = 0;
    int start = batch.start(pair, 0);
    for (int i = start; i < start + Math.min(BEGINNING_BP, batch.length(pair, 0)); i++) {
      number = number << 2 | (batch.bases()[i] >>> 1 & 3);
    }
    return number;
  }

  private void route(ReadBatch batch, int pair, RoutedBatch routed) {
    first.load(batch, pair, 0);
    second.load(batch, pair, 1);
    boolean isEmpty = batch.length(pair, 0) == 0 || batch.length(pair, 1) == 0;
    Optional<Filter> lost = isEmpty ? Optional.of(Filter.TOO_SHORT) : matcher.match(first, second);
    if (!isEmpty && lost.isEmpty()) {
      lost = weigh();
    }
    if (lost.isPresent()) {
      routed.lose(pair, lost.get());
    } else {
      settle(batch.name(pair), pair, routed);
    }
  }

  private Optional<Filter> weigh() {
    if (errorRate(first) > maximumErrorRate || errorRate(second) > maximumErrorRate) {
      return Optional.of(Filter.LOW_QUALITY);
    }
    bestProduct = -1;
    loaded = -1;
    boolean longEnough = false;
    boolean asked = false;
    for (int c = 0; c < matcher.found(); c++) {
      isLongEnough[c] = leftLength(c) >= minimumBp && rightLength(c) >= minimumBp;
      longEnough |= isLongEnough[c];
      asked |= isLongEnough[c] && catalog.productsOfRow(matcher.row(c)).length > 0;
    }
    if (!asked) {
      return Optional.of(longEnough ? Filter.NOT_ASKED : Filter.TOO_SHORT);
    }
    compete();
    if (bestProduct < 0) {
      return Optional.of(Filter.NO_ALLELE_WITHIN_TOLERANCE);
    }
    recent[bestProduct].add(best);
    return Optional.empty();
  }

  /**
   * Finds the best product. What explained earlier pairs gives a first limit; where it explains
   * this one badly, low limits are tried before high ones, for the time grows with the limit.
   */
  private void compete() {
    int enough = NearestSequences.UNLIMITED;
    for (int c = 0; c < matcher.found(); c++) {
      enough = Math.min(enough, leastLoss(c, enough));
    }
    int limit = enough == NearestSequences.UNLIMITED ? FIRST_TRY : enough;
    boolean ended;
    do {
      leastLoss = limit;
      for (int c = 0; c < matcher.found(); c++) {
        compete(c);
      }
      ended = limit == enough;
      limit = Math.min(enough, 4 * limit);
    } while (bestProduct < 0 && !ended);
  }

  private int leastLoss(int candidate, int limit) {
    int least = limit;
    if (load(candidate)) {
      for (int p : catalog.productsOfRow(matcher.row(candidate))) {
        HaplotypeSet set = catalog.products().get(p).haplotypes();
        least = Math.min(least, nearest.leastLoss(set, recent[p], least));
      }
    }
    return least;
  }

  private void compete(int candidate) {
    if (!load(candidate)) {
      return;
    }
    for (int p : catalog.productsOfRow(matcher.row(candidate))) {
      HaplotypeSet set = catalog.products().get(p).haplotypes();
      if (nearest.search(set, leastLoss, supportMargin) && isBetter(p)) {
        bestProduct = p;
        bestCandidate = candidate;
        leastLoss = nearest.leastLoss();
        takeSupported();
      }
    }
  }

  /** Hands a candidate's reads to the search; answers whether they are long enough. */
  private boolean load(int candidate) {
    boolean same =
        loaded >= 0
            && matcher.firstIsForward(loaded) == matcher.firstIsForward(candidate)
            && matcher.afterForward(loaded) == matcher.afterForward(candidate)
            && matcher.afterReverse(loaded) == matcher.afterReverse(candidate);
    if (isLongEnough[candidate] && !same) {
      nearest.load(leftSlice(candidate), rightSlice(candidate));
      loaded = candidate;
    }
    return isLongEnough[candidate];
  }

  /** Equal losses go to the product that comes first. */
  private boolean isBetter(int product) {
    return bestProduct < 0 || nearest.leastLoss() < leastLoss || product < bestProduct;
  }

  private void takeSupported() {
    supportedCount = nearest.size();
    if (supported.length < supportedCount) {
      supported = new int[2 * supportedCount];
    }
    for (int i = 0; i < supportedCount; i++) {
      supported[i] = nearest.sequence(i);
      if (nearest.loss(i) == leastLoss) {
        best = supported[i];
      }
    }
  }

  private void settle(long name, int pair, RoutedBatch routed) {
    Slice left = leftSlice(bestCandidate);
    Slice right = rightSlice(bestCandidate);
    int bp = catalog.products().get(bestProduct).haplotypes().length(best);
    boolean explained = tolerance.isExplained(left, right, bp, leastLoss);
    if (!explained && isEmpty()) {
      routed.lose(pair, Filter.TOO_SHORT);
      return;
    }
    routed.send(pair, name, bestProduct, leastLoss, explained);
    routed.reads(pair, left, right);
    if (explained) {
      routed.supports(pair, supported, supportedCount);
    }
  }

  /** Whether next to nothing lies between the primers: a read runs on into the other one. */
  private boolean isEmpty() {
    int row = matcher.row(bestCandidate);
    return runsInto(leftSlice(bestCandidate), otherReverse[row])
        && runsInto(rightSlice(bestCandidate), otherForward[row]);
  }

  private boolean runsInto(Slice read, byte[] primer) {
    int last = Math.min(minimumBp, read.length() - primer.length);
    for (int from = 0; from <= last; from++) {
      int mismatches = 0;
      for (int i = 0; i < primer.length && mismatches <= primerMismatches; i++) {
        int base = PackedRead.base(read.data()[read.start() + from + i]);
        mismatches += (1 << base & primer[i]) == 0 ? 1 : 0;
      }
      if (mismatches <= primerMismatches) {
        return true;
      }
    }
    return false;
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
