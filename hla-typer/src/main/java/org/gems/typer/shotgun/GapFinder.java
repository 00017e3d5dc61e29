package org.gems.typer.shotgun;

import java.util.Arrays;
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
  private int[] losses = new int[256];
  private int[] ahead = new int[256];
  private int[] behind = new int[256];
  private int[] shift = new int[256];
  private int[] bestColumn = new int[256];
  private int[] bestRow = new int[256];
  private Strand read;
  private int length;
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
   * @param draft the read as it lies
   * @param now what the read costs as it lies
   */
  void find(
      Strand strand, Gene gene, int geneIndex, Hits hits, int k, DraftAlignment draft, int now) {
    read = strand;
    prepare();
    if (!findAnchors(gene, geneIndex, hits, draft)) {
      return;
    }
    least = now + length + 1;
    line.load(gene, geneIndex, hits, k, draft.isSpliced());
    tryLine();
    for (int f = 0; f < gene.features().size() && least >= OPENING; f++) {
      if (line.usualRow(f) != NONE) {
        tryOtherGaps(gene, f);
      }
    }
    if (least <= now + length) {
      draft.layAll(bestColumn, bestRow);
    }
  }

  private void prepare() {
    length = read.length();
    if (length >= shift.length) {
      losses = new int[length + 1];
      ahead = new int[length + 1];
      behind = new int[length + 1];
      shift = new int[length + 1];
      bestColumn = new int[length + 1];
      bestRow = new int[length + 1];
    }
    for (int i = 0; i < length; i++) {
      losses[i] = qualities.losses()[read.quality(i)];
    }
  }

  /**
   * The first bases of the first and the last k-mer that lie where they belong; false where these
   * are one, for a gap lies between two.
   */
  private boolean findAnchors(Gene gene, int geneIndex, Hits hits, DraftAlignment draft) {
    first = NONE;
    for (int h = 0; h < hits.count(geneIndex); h++) {
      int at = hits.offset(geneIndex, h);
      if (draft.column(at) == gene.column(hits.place(geneIndex, h))) {
        first = first == NONE ? at : first;
        last = at;
      }
    }
    if (first == NONE || first == last) {
      return false;
    }
    firstColumn = draft.column(first);
    lastColumn = draft.column(last);
    return true;
  }

  /** Rows that are alike where the read may lie are tried once: an intron has many elsewhere. */
  private void tryOtherGaps(Gene gene, int feature) {
    int start = gene.firstColumn(feature);
    int from = firstColumn - first - TAIL_MOST_BP - start;
    int to = lastColumn + length - last + TAIL_MOST_BP - start;
    int taken = NONE;
    GapRows gaps = gene.features().get(feature).gapRows();
    for (int other : gaps.others(line.usualRow(feature), from, to)) {
      line.takeGaps(feature, other);
      taken = tryLine() ? other : taken;
    }
    line.takeGaps(feature, taken);
  }

  /**
   * Lays the read along the line; whether that is the best so far. Most lines are far from it, and
   * are left as soon as that shows.
   */
  private boolean tryLine() {
    int begin = first + MOST_BP;
    int between = Math.max(last - first, lastColumn - firstColumn);
    int reach = Math.min(first + between + TAIL_MOST_BP - last, MOST_BP + 1);
    line.writeOnward(firstColumn, begin, MOST_BP + length + reach);
    int found = line.find(lastColumn);
    int later = found - MOST_BP - last;
    boolean isReached = found >= 0 && line.find(firstColumn) == begin;
    if (!isReached || Math.abs(later) > MOST_BP || cost(Math.abs(later)) >= least) {
      return false;
    }
    int lowest = Math.min(MOST_BP - TAIL_MOST_BP, Math.max(0, begin + later));
    if (later < 0) {
      line.writeBack(lowest);
    }
    Laid middle = middle(later);
    if (middle == null) {
      return false;
    }
    line.writeBack(lowest);
    Laid left = leftEnd(first, least - middle.cost());
    int most = least - middle.cost() - left.cost();
    if (most <= 0) {
      return false;
    }
    Laid right = rightEnd(last + 1, later, most);
    if (right.cost() >= most) {
      return false;
    }
    lay(left);
    lay(middle);
    lay(right);
    least = left.cost() + middle.cost() + right.cost();
    keep();
    return true;
  }

  /** The read from its first to its last k-mer; null where that alone costs too much. */
  private Laid middle(int later) {
    sumAhead(first, last + 1, 0);
    if (later != 0) {
      return split(first, first + 1, last, last + 1, 0, later, least);
    }
    int cost = ahead[last + 1];
    return cost < least ? new Laid(first, last + 1, last, 0, 0, cost) : null;
  }

  /**
   * The read before its first k-mer, as it lies or with a gap.
   *
   * @param most a gap with which this costs as much is of no use
   */
  private Laid leftEnd(int end, int most) {
    behind[end] = 0;
    for (int i = end - 1; i >= 0; i--) {
      behind[i] = behind[i + 1] + cost(i, 0);
    }
    Laid found = new Laid(0, end, 0, 0, 0, behind[0]);
    for (int bases = 1; bases <= TAIL_MOST_BP && isWorth(bases, found, most); bases++) {
      found = splitLeft(end, bases, found, most);
      found = splitLeft(end, -bases, found, most);
    }
    return found;
  }

  /** The read behind the first base of its last k-mer, likewise. */
  private Laid rightEnd(int begin, int now, int most) {
    int latest = length - TAIL_LEAST_BP;
    sumAhead(begin, length, now);
    Laid found = new Laid(begin, length, begin, now, now, ahead[length]);
    for (int bases = 1; bases <= TAIL_MOST_BP && isWorth(bases, found, most); bases++) {
      for (int shifted = now + bases; shifted >= now - bases; shifted -= 2 * bases) {
        int bound = Math.min(found.cost(), most);
        Laid other = split(begin, begin, latest, length, now, shifted, bound);
        found = other == null ? found : other;
      }
    }
    return found;
  }

  private static boolean isWorth(int bases, Laid found, int most) {
    return cost(bases) < Math.min(found.cost(), most);
  }

  /**
   * Bases of the read from one up to another that are laid with one shift, and from a place between
   * them with another.
   *
   * @param at the first base of the later shift, or the first of those that are laid nowhere
   */
  private record Laid(int begin, int end, int at, int before, int later, int cost) {}

  /** For each of some bases what those before it cost, all laid with one shift. */
  private void sumAhead(int begin, int end, int shifted) {
    ahead[begin] = 0;
    for (int i = begin; i < end; i++) {
      ahead[i + 1] = ahead[i] + cost(i, shifted);
    }
  }

  /**
   * The last of the best places to change from the shift that was summed up to another. Behind it
   * all bases cost something where the shift is wrong, so that few are looked at.
   *
   * @param earliest place
   * @param latest place for the first base that is laid with the later shift
   * @return null where all cost as much as the most, or more
   */
  private Laid split(
      int begin, int earliest, int latest, int end, int before, int later, int most) {
    int more = Math.max(0, before - later);
    int gap = cost(Math.abs(before - later));
    int cheapest = most - gap;
    int at = NONE;
    int sum = 0;
    for (int p = end; p - more >= earliest && sum < cheapest; p--) {
      sum += p < end ? cost(p, later) : 0;
      int cost = ahead[p - more] + sum;
      if (p <= latest && cost < cheapest) {
        cheapest = cost;
        at = p - more;
      }
    }
    return at == NONE ? null : new Laid(begin, end, at, before, later, cheapest + gap);
  }

  /** The same before the first k-mer, from whose shift on it was summed up; else what is found. */
  private Laid splitLeft(int end, int shifted, Laid found, int most) {
    int more = Math.max(0, shifted);
    int gap = cost(Math.abs(shifted));
    int cheapest = Math.min(found.cost(), most) - gap;
    int at = NONE;
    int sum = 0;
    for (int i = 0; i + more <= end && sum <= cheapest; i++) {
      int cost = sum + behind[i + more];
      boolean isBest = cost < cheapest || (at != NONE && cost == cheapest);
      if (i >= TAIL_LEAST_BP && isBest) {
        cheapest = cost;
        at = i;
      }
      sum += cost(i, shifted);
    }
    return at == NONE ? found : new Laid(0, end, at, shifted, 0, cheapest + gap);
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
    byte base = read.base(i);
    if (!line.has(x)) {
      return base == 'N' ? UNUSUAL : Math.min(QualityModel.LOSS_SCALE, losses[i]);
    }
    if (base == 'N' || line.symbol(x) == base) {
      return line.isUsual(x) ? 0 : UNUSUAL;
    }
    return losses[i];
  }

  private void keep() {
    for (int i = 0; i < length; i++) {
      int x = i + MOST_BP + shift[i];
      boolean isLaid = shift[i] != NOWHERE && line.has(x);
      bestColumn[i] = isLaid ? line.column(x) : NONE;
      bestRow[i] = isLaid ? line.row(x) : NONE;
    }
  }
}
