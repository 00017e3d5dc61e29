package org.gems.typer.evidence;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gems.typer.evidence.GapSearch.Fits;
import org.gems.typer.evidence.NearestSequences.Slice;
import org.gems.typer.evidence.StrangerGroups.Group;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Takes the pairs of one amplicon that are a known sequence but for one insertion or deletion for
 * pairs of that sequence. The gap is taken out of their reads and kept beside them: so they count
 * for their allele, and what they have more or less can still be told.
 */
final class GappedPairs {
  /** From this share of the reads on a base of a group of pairs is sure. */
  private static final double SURE_SHARE = 0.7;

  /** Groups in which a gap is looked for: two new alleles, and slips beside them. */
  private static final int MOST_GROUPS = 8;

  /** Codes cannot tell a base that is taken for missing from one that was not read. */
  private static final byte NOT_READ = 0;

  private final HaplotypeSet set;
  private final NearestSequences nearest;
  private final List<Fits> fits;
  private final Tolerance tolerance;
  private final int gain;

  private GappedPairs(HaplotypeSet set, Ruleset ruleset, List<Fits> fits) {
    this.set = set;
    this.nearest = new NearestSequences(QualityModel.of(ruleset));
    this.fits = fits;
    this.tolerance = new Tolerance(ruleset);
    this.gain = QualityModel.thousandths(ruleset, Threshold.SUPPORT_MARGIN_LN);
  }

  /**
   * A pair without its gap.
   *
   * @param bases packed, of both reads
   * @param leftBp bases of the first
   * @param rightBp bases of the second
   * @param leastLoss against the best sequence
   * @param supports the sequences that explain it about as well as the best
   * @param fit the gap that was taken out
   */
  record Undone(byte[] bases, int leftBp, int rightBp, int leastLoss, int[] supports, Fits fit) {}

  /**
   * The gaps that some pairs have in common, against one of an amplicon's sequences.
   *
   * @param set the amplicon's sequences
   * @param strangers pairs that no sequence explains
   * @return empty where they have none
   */
  static Optional<GappedPairs> among(PairStore strangers, HaplotypeSet set, Ruleset ruleset) {
    int least = ruleset.count(Threshold.NEW_ALLELE_FEWEST_PAIRS);
    if (strangers.size() < least || set.size() == 0) {
      return Optional.empty();
    }
    List<Group> groups = StrangerGroups.of(strangers, least).stream().limit(MOST_GROUPS).toList();
    List<Fits> fits = groups.isEmpty() ? List.of() : new GapSearch(set).find(groups, SURE_SHARE);
    return fits.isEmpty() ? Optional.empty() : Optional.of(new GappedPairs(set, ruleset, fits));
  }

  /** How unlike the amplicon's sequences the pairs are, but for their gaps. */
  int cost() {
    return fits.stream().mapToInt(Fits::cost).min().orElseThrow();
  }

  /** A pair that a sequence explains, without a gap, if that explains it better by a base. */
  Optional<Undone> better(PairStore known, int pair) {
    return undone(known, pair, known.leastLoss(pair) - gain);
  }

  /** A pair that nothing explained, without a gap, if that explains it. */
  Optional<Undone> explained(PairStore strangers, int pair) {
    return undone(strangers, pair, NearestSequences.UNLIMITED);
  }

  /** A pair without the gap by which it loses least, if that is within a limit. */
  private Optional<Undone> undone(PairStore store, int pair, int limit) {
    Undone best = null;
    int most = limit;
    for (Fits fit : fits) {
      byte[] left = left(store, pair, fit.gap());
      byte[] right = right(store, pair, fit.gap(), fit.sequence());
      for (Gap other : fit.otherGaps()) {
        forget(left, left(store, pair, other));
        forget(right, right(store, pair, other, fit.sequence()));
      }
      nearest.load(new Slice(left, 0, left.length), new Slice(right, 0, right.length));
      int loss = nearest.loss(set, fit.sequence(), most);
      boolean isBetter = loss <= most && isExplained(left, right, fit, loss);
      if (isBetter && nearest.search(set, loss, gain)) {
        most = nearest.leastLoss() - 1;
        best = made(left, right, fit);
      }
    }
    return Optional.ofNullable(best);
  }

  private static byte[] left(PairStore store, int pair, Gap gap) {
    return without(store.left(pair), gap, gap.index());
  }

  private byte[] right(PairStore store, int pair, Gap gap, int sequence) {
    int behind = set.length(sequence) - gap.missing() - gap.index();
    return without(store.right(pair), gap, behind);
  }

  /** Takes away the bases that depend on where the gap lies, which the reads cannot tell. */
  private static void forget(byte[] bytes, byte[] others) {
    for (int i = 0; i < Math.min(bytes.length, others.length); i++) {
      bytes[i] = PackedRead.base(bytes[i]) == PackedRead.base(others[i]) ? bytes[i] : NOT_READ;
    }
  }

  private boolean isExplained(byte[] left, byte[] right, Fits fit, int loss) {
    int bp = set.length(fit.sequence());
    Slice one = new Slice(left, 0, left.length);
    return tolerance.isExplained(one, new Slice(right, 0, right.length), bp, loss);
  }

  private Undone made(byte[] left, byte[] right, Fits fit) {
    byte[] both = PairStore.joined(left, right);
    int[] supports = new int[nearest.size()];
    Arrays.setAll(supports, nearest::sequence);
    return new Undone(both, left.length, right.length, nearest.leastLoss(), supports, fit);
  }

  /**
   * A read without its gap.
   *
   * @param at where in the read the gap begins, seen from its own primer
   */
  private static byte[] without(Slice read, Gap gap, int at) {
    byte[] bytes = Arrays.copyOfRange(read.data(), read.start(), read.start() + read.length());
    if (at >= bytes.length) {
      return bytes;
    }
    int behind = Math.min(bytes.length, at + gap.inserted().length());
    byte[] undone = new byte[at + gap.missing() + bytes.length - behind];
    Arrays.fill(undone, NOT_READ);
    System.arraycopy(bytes, 0, undone, 0, at);
    System.arraycopy(bytes, behind, undone, at + gap.missing(), bytes.length - behind);
    return undone;
  }
}
