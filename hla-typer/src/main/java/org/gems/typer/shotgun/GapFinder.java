package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.gems.typer.reads.QualityModel;

/**
 * Looks whether a read fits an allele but for bases that it has more or less. The read is compared
 * with the line of what its k-mers' alleles have, shifted: by nothing at its first k-mer, by what
 * the last one asks for, and by up to a few bases before and behind these. Lines with the gaps of
 * other alleles are tried too. Where a gap may lie in several places it lies in the last.
 */
final class GapFinder {
  /** Longer gaps between two k-mers are pieces of something else. */
  private static final int MOST_BP = 100;

  /** Gaps beyond the first and last k-mer are told by few bases; longer ones fit by chance. */
  private static final int TAIL_MOST_BP = 21;

  /**
   * Beyond a gap at a read's end so many bases must follow: of 42 shifts one fits four by chance.
   */
  private static final int TAIL_LEAST_BP = 6;

  /** A gap costs what one strong base does, and a little for each base. */
  private static final int OPENING = 8 * QualityModel.LOSS_SCALE;

  private static final int EACH = QualityModel.LOSS_SCALE / 4;

  /** Of places that are as good for a gap the one is taken beside which most alleles match. */
  private static final int UNUSUAL = 1;

  private static final int NONE = -1;

  private static final int NOWHERE = Integer.MIN_VALUE;

  private final QualityModel qualities;
  private final AlleleLine line = new AlleleLine();
  private int[] behind = new int[256];
  private int[] shift = new int[256];
  private int[] bestColumn = new int[256];
  private int[] bestRow = new int[256];
  private Strand read;
  private int first;
  private int firstColumn;
  private int last;
  private int lastColumn;
  private int least;

  GapFinder(QualityModel qualities) {
    this.qualities = qualities;
  }

  /** What a gap of so many bases costs, in thousandths of a natural logarithm. */
  static int cost(int bases) {
    return bases == 0 ? 0 : OPENING + EACH * bases;
  }

  /**
   * Lays a read anew where that costs no more than it does now.
   *
   * @param column of each base, or -1; overwritten
   * @param row likewise
   * @param now what the read costs as it lies
   */
  void find(
      Strand strand,
      Gene gene,
      int geneIndex,
      Hits hits,
      int k,
      int[] column,
      int[] row,
      int now,
      boolean spliced) {
    read = strand;
    prepare();
    if (!findAnchors(gene, geneIndex, hits, column)) {
      return;
    }
    least = now + read.length() + 1;
    line.load(gene, geneIndex, hits, k, spliced);
    tryLine();
    for (int f = 0; f < gene.features().size() && least >= OPENING; f++) {
      if (line.usualRow(f) != NONE) {
        tryOtherGaps(gene, f);
      }
    }
    if (least <= now + read.length()) {
      System.arraycopy(bestColumn, 0, column, 0, read.length());
      System.arraycopy(bestRow, 0, row, 0, read.length());
    }
  }

  private void prepare() {
    if (read.length() >= shift.length) {
      shift = new int[read.length() + 1];
      behind = new int[read.length() + 1];
      bestColumn = new int[read.length() + 1];
      bestRow = new int[read.length() + 1];
    }
  }

  /** The first bases of the first and the last k-mer that lie where they belong. */
  private boolean findAnchors(Gene gene, int geneIndex, Hits hits, int[] column) {
    first = NONE;
    for (int h = 0; h < hits.count(geneIndex); h++) {
      int at = hits.offset(geneIndex, h);
      if (column[at] == gene.column(hits.place(geneIndex, h))) {
        first = first == NONE ? at : first;
        last = at;
      }
    }
    if (first != NONE) {
      firstColumn = column[first];
      lastColumn = column[last];
    }
    return first != NONE;
  }

  /** Rows that are alike where the read may lie are tried once: an intron has many elsewhere. */
  private void tryOtherGaps(Gene gene, int feature) {
    int start = gene.firstColumn(feature);
    int from = firstColumn - first - TAIL_MOST_BP - start;
    int to = lastColumn + read.length() - last + TAIL_MOST_BP - start;
    int taken = NONE;
    Set<List<AlleleLine.Difference>> seen = new HashSet<>(Set.of(List.of()));
    for (AlleleLine.OtherGaps other : line.otherGaps(feature, line.usualRow(feature))) {
      if (seen.add(other.within(from, to))) {
        line.takeGaps(feature, other.row());
        taken = tryLine() ? other.row() : taken;
      }
    }
    line.takeGaps(feature, taken);
  }

  /** Lays the read along the line; whether that is the best so far. */
  private boolean tryLine() {
    line.walk(firstColumn, first + MOST_BP, read.length() - first + MOST_BP);
    int cost = line.find(firstColumn) == first + MOST_BP ? bestShifts() : Integer.MAX_VALUE;
    boolean isBest = cost < least;
    if (isBest) {
      least = cost;
      keep();
    }
    return isBest;
  }

  /** Chooses a shift for each base of the read and answers what all of it costs. */
  private int bestShifts() {
    int found = line.find(lastColumn);
    int later = found - MOST_BP - last;
    if (found < 0 || Math.abs(later) > MOST_BP) {
      return Integer.MAX_VALUE;
    }
    Laid middle = best(first + 1, last, first, last + 1, 0, later);
    Laid left = leftEnd(first);
    Laid right = rightEnd(last + 1, later);
    if (middle.cost() == Integer.MAX_VALUE) {
      return Integer.MAX_VALUE;
    }
    lay(left);
    lay(middle);
    lay(right);
    return left.cost() + middle.cost() + right.cost();
  }

  /** The read before its first k-mer, as it lies or with a gap. */
  private Laid leftEnd(int end) {
    Laid found = unsplit(0, end, 0);
    for (int bases = 1; bases <= TAIL_MOST_BP && found.cost() > cost(1); bases++) {
      for (int shifted : new int[] {bases, -bases}) {
        Laid other = best(TAIL_LEAST_BP, end, 0, end, shifted, 0);
        found = other.cost() < found.cost() ? other : found;
      }
    }
    return found;
  }

  /** The read behind the first base of its last k-mer, likewise. */
  private Laid rightEnd(int begin, int now) {
    int length = read.length();
    Laid found = unsplit(begin, length, now);
    for (int bases = 1; bases <= TAIL_MOST_BP && found.cost() > cost(1); bases++) {
      for (int shifted : new int[] {now + bases, now - bases}) {
        Laid other = best(begin, length - TAIL_LEAST_BP, begin, length, now, shifted);
        found = other.cost() < found.cost() ? other : found;
      }
    }
    return found;
  }

  /**
   * Bases of the read from one up to another that are laid with one shift, and from a place between
   * them with another.
   *
   * @param at the first base of the later shift, or the first of those that are laid nowhere
   */
  private record Laid(int begin, int end, int at, int before, int later, int cost) {}

  /**
   * The last of the best places to change from one shift to another.
   *
   * @param earliest place
   * @param latest place for the first base that is laid with the later shift
   */
  private Laid best(int earliest, int latest, int begin, int end, int before, int later) {
    int more = Math.max(0, before - later);
    behind[end] = 0;
    for (int i = end - 1; i >= begin; i--) {
      behind[i] = behind[i + 1] + cost(i, later);
    }
    int ahead = 0;
    int least = Integer.MAX_VALUE;
    int at = NONE;
    for (int i = begin; i + more <= latest; i++) {
      int cost = ahead + behind[i + more];
      if (i >= earliest && cost <= least) {
        least = cost;
        at = i;
      }
      ahead += cost(i, before);
    }
    int whole = at == NONE ? Integer.MAX_VALUE : least + cost(Math.abs(before - later));
    return new Laid(begin, end, at, before, later, whole);
  }

  private Laid unsplit(int begin, int end, int shifted) {
    int cost = 0;
    for (int i = begin; i < end; i++) {
      cost += cost(i, shifted);
    }
    return new Laid(begin, end, begin, shifted, shifted, cost);
  }

  private void lay(Laid laid) {
    int more = Math.max(0, laid.before() - laid.later());
    Arrays.fill(shift, laid.begin(), laid.at(), laid.before());
    Arrays.fill(shift, laid.at(), laid.at() + more, NOWHERE);
    Arrays.fill(shift, laid.at() + more, laid.end(), laid.later());
  }

  /** What a base loses in a shifted place. */
  private int cost(int i, int shifted) {
    int x = i + MOST_BP + shifted;
    boolean isThere = line.has(x);
    if (read.base(i) == 'N' || (isThere && line.symbol(x) == read.base(i))) {
      return isThere && line.isUsual(x) ? 0 : UNUSUAL;
    }
    int loss = qualities.losses()[read.quality(i)];
    return isThere ? loss : Math.min(QualityModel.LOSS_SCALE, loss);
  }

  private void keep() {
    for (int i = 0; i < read.length(); i++) {
      int x = i + MOST_BP + shift[i];
      boolean isLaid = shift[i] != NOWHERE && line.has(x);
      bestColumn[i] = isLaid ? line.column(x) : NONE;
      bestRow[i] = isLaid ? line.row(x) : NONE;
    }
  }
}
