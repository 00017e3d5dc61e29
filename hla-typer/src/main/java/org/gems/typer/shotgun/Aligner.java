package org.gems.typer.shotgun;

import java.util.Arrays;
import org.gems.typer.reads.QualityModel;

/**
 * Lays a read on a gene's columns: each k-mer by the row it is known from, the bases between and
 * beyond them along the row of the nearest k-mer, as far as that is stated; over the border of an
 * exon into the intron or, where that fits better, into the next exon. Columns always rise along a
 * read; of k-mers that contradict each other those of the commonest offset win.
 */
final class Aligner {
  /** Alignments leave gaps for insertions of few alleles; a repeat lies farther away. */
  private static final int MAXIMUM_SHIFT = 150;

  /** No k-mer of a message starts here. */
  private static final int NOWHERE = Integer.MIN_VALUE / 2;

  private final DraftAlignment draft;
  private final GapFinder gaps;
  private final Cursor cursor = new Cursor();
  private int[] shifts = new int[256];
  private Gene gene;

  Aligner(QualityModel qualities) {
    this.draft = new DraftAlignment(qualities);
    this.gaps = new GapFinder(qualities);
  }

  /** The read on the columns of a gene; bases between two columns are inserted there. */
  Alignment align(Strand strand, Gene onGene, int geneIndex, Hits hits, int k) {
    gene = onGene;
    draft.begin(strand, onGene);
    layKmers(geneIndex, hits, k);
    fillBetween();
    extend(1);
    extend(-1);
    if (gene.isMessageOnly()) {
      endInIntrons();
    }
    int cost = draft.costAsLaid();
    if (cost > 0 && (draft.hasGap() || draft.hasOddEnd())) {
      gaps.find(strand, gene, geneIndex, hits, k, draft, cost);
    }
    return draft.written();
  }

  /** K-mers of the commonest offset first, then the others as far as they agree with them. */
  private void layKmers(int geneIndex, Hits hits, int k) {
    int common = commonestShift(geneIndex, hits);
    int inMessage = messageShift(geneIndex, hits, common);
    for (boolean same : new boolean[] {true, false}) {
      int next = 0;
      for (int h = 0; h < hits.count(geneIndex); h++) {
        int from = hits.offset(geneIndex, h);
        boolean isLaid = draft.isLaid(from) && draft.isLaid(from + k - 1);
        boolean isNext = from >= next && !isLaid;
        if (isNext && isNear(geneIndex, hits, h, same, common, inMessage)) {
          layKmer(hits.place(geneIndex, h), from, from + k);
          next = from + k / 2;
        }
      }
    }
  }

  /**
   * Whether a k-mer is one of the commonest offset or, if others are asked for, not far from it.
   */
  private boolean isNear(int geneIndex, Hits hits, int h, boolean same, int common, int inMessage) {
    int shift = shift(hits, geneIndex, h);
    if ((shift == common) != same) {
      return false;
    }
    return Math.abs(shift - common) <= MAXIMUM_SHIFT
        || Math.abs(messageShift(hits, geneIndex, h) - inMessage) <= MAXIMUM_SHIFT;
  }

  private int shift(Hits hits, int geneIndex, int h) {
    return gene.column(hits.place(geneIndex, h)) - hits.offset(geneIndex, h);
  }

  /** The offset of a k-mer that starts in an exon, exon columns alone counted. */
  private int messageShift(Hits hits, int geneIndex, int h) {
    long place = hits.place(geneIndex, h);
    return gene.features().get(KmerIndex.feature(place)).isExon()
        ? gene.exonColumnsBefore(gene.column(place)) - hits.offset(geneIndex, h)
        : NOWHERE;
  }

  /** The same of the k-mers of the commonest offset. */
  private int messageShift(int geneIndex, Hits hits, int common) {
    for (int h = 0; h < hits.count(geneIndex); h++) {
      int found = messageShift(hits, geneIndex, h);
      if (found != NOWHERE && shift(hits, geneIndex, h) == common) {
        return found;
      }
    }
    return -NOWHERE;
  }

  /** The offset of most k-mers, the least of equals. */
  private int commonestShift(int geneIndex, Hits hits) {
    int n = hits.count(geneIndex);
    shifts = n > shifts.length ? new int[n * 2] : shifts;
    for (int h = 0; h < n; h++) {
      shifts[h] = shift(hits, geneIndex, h);
    }
    Arrays.sort(shifts, 0, n);
    int best = shifts[0];
    int most = 0;
    int run = 0;
    for (int i = 0; i < n; i++) {
      run = i > 0 && shifts[i] == shifts[i - 1] ? run + 1 : 1;
      if (run > most) {
        most = run;
        best = shifts[i];
      }
    }
    return best;
  }

  private void layKmer(long place, int from, int to) {
    int left = from - 1;
    while (left >= 0 && !draft.isLaid(left)) {
      left--;
    }
    int right = draft.nextLaid(from);
    cursor.place(
        gene,
        KmerIndex.feature(place),
        KmerIndex.row(place),
        KmerIndex.column(place),
        KmerIndex.isSpliced(place));
    if (left >= 0 && draft.column(left) >= cursor.column()) {
      return;
    }
    for (int i = from; i < to; i++) {
      if (i == right) {
        if (draft.column(i) != cursor.column()) {
          return;
        }
        right = draft.nextLaid(i + 1);
      } else if (right < draft.length() && draft.column(right) <= cursor.column()) {
        return;
      } else {
        draft.lay(i, cursor);
      }
      if (!cursor.step(1)) {
        return;
      }
    }
  }

  private void fillBetween() {
    for (int left = draft.nextLaid(0); left < draft.length(); ) {
      int right = draft.nextLaid(left + 1);
      if (right < draft.length()
          && (right > left + 1 || draft.column(right) > draft.column(left) + 1)) {
        better(left, right, this::fill);
      }
      left = draft.nextLaid(right);
    }
  }

  /** Bases between k-mers: from both sides as far as they match, the rest from the left. */
  private void fill(int left, int right, boolean spliced) {
    int from = walk(left, right, 1, true, spliced);
    int to = walk(right, from, -1, true, spliced);
    walk(from, to, 1, false, spliced);
  }

  private void extend(int direction) {
    int last = direction > 0 ? draft.length() : -1;
    int at = last - direction;
    while (at >= 0 && at < draft.length() && !draft.isLaid(at)) {
      at -= direction;
    }
    if (at < 0 || at >= draft.length() || at + direction == last) {
      return;
    }
    if (direction > 0) {
      better(at, draft.length(), (from, to, spliced) -> walk(from, to, 1, false, spliced));
    } else {
      better(-1, at, (to, from, spliced) -> walk(from, to, -1, false, spliced));
    }
  }

  /**
   * A read may leave an exon for an intron that the release lacks. By a base or two that are alike
   * it is then laid over the exon next to it, where nothing else of it fits.
   */
  private void endInIntrons() {
    int last = draft.length() - 1;
    for (int i = last; i > 0; i--) {
      if (draft.isOverBorder(i)) {
        liftIfCheaper(0, i);
      }
    }
    for (int i = 1; i <= last; i++) {
      if (draft.isOverBorder(i)) {
        liftIfCheaper(i, draft.length());
      }
    }
  }

  private void liftIfCheaper(int from, int to) {
    int cost = draft.cost(from, to);
    draft.keep(from, to);
    draft.lift(from, to);
    if (draft.cost(from, to) >= cost) {
      draft.restore(from, to);
    }
  }

  /** A way of laying the bases between two that are laid, along the gene or along its message. */
  private interface Way {
    void lay(int before, int behind, boolean spliced);
  }

  /**
   * Lays the bases between two places along the gene, and along the message where that costs less.
   * Of a k-mer over an exon's border the few bases beyond may lie in the intron by chance, so the
   * message is walked from the last base in an exon.
   */
  private void better(int before, int behind, Way way) {
    way.lay(before, behind, false);
    if (draft.cost(before + 1, behind) == 0) {
      return;
    }
    int left = inExon(before, -1);
    int right = inExon(behind, 1);
    if (left == NOWHERE || right == NOWHERE) {
      return;
    }
    int from = left + 1;
    int cost = draft.cost(from, right);
    int bases = draft.laid(from, right);
    draft.keep(from, right);
    draft.lift(from, right);
    way.lay(left, right, true);
    if (draft.laid(from, right) < bases || draft.cost(from, right) >= cost) {
      draft.restore(from, right);
    }
  }

  /** The nearest base that is laid in an exon, all on the way being laid; the read's end stays. */
  private int inExon(int from, int direction) {
    int at = from;
    while (at >= 0 && at < draft.length()) {
      if (!draft.isLaid(at)) {
        return NOWHERE;
      }
      if (gene.hasExon(draft.column(at), draft.column(at) + 1)) {
        return at;
      }
      at += direction;
    }
    return at == from ? at : NOWHERE;
  }

  /**
   * Lays bases one by one from a laid one towards another (or the read's end).
   *
   * @return the last base laid
   */
  private int walk(int from, int towards, int direction, boolean whileMatching, boolean spliced) {
    int feature = gene.featureAt(draft.column(from));
    cursor.place(
        gene, feature, draft.row(from), draft.column(from) - gene.firstColumn(feature), spliced);
    int at = from;
    while (at + direction != towards) {
      boolean onward = cursor.step(direction);
      boolean free = onward && isBefore(towards, direction);
      if (!free || (whileMatching && cursor.symbol() != draft.base(at + direction))) {
        return at;
      }
      at += direction;
      draft.lay(at, cursor);
    }
    return at;
  }

  private boolean isBefore(int towards, int direction) {
    if (towards < 0 || towards >= draft.length()) {
      return true;
    }
    return direction > 0
        ? cursor.column() < draft.column(towards)
        : cursor.column() > draft.column(towards);
  }
}
