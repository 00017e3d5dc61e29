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

  /** Of bases laid where they do not belong three in four lose some 6900 each. */
  private static final int NOT_LAID = QualityModel.LOSS_SCALE;

  /** Behind a gap this near to a read's end few bases differ. */
  private static final int END_BP = 8;

  /** A weaker base tells nothing (Phred 10). */
  private static final int ODD_LOSS = 3 * QualityModel.LOSS_SCALE;

  /** No k-mer of a message starts here. */
  private static final int NOWHERE = Integer.MIN_VALUE / 2;

  private final QualityModel qualities;
  private final GapFinder gaps;
  private final Cursor cursor = new Cursor();
  private int[] column = new int[256];
  private int[] row = new int[256];

  /** What the row of each laid base has in its column. */
  private byte[] symbol = new byte[256];

  private byte[] otherSymbol = new byte[256];
  private int[] otherColumn = new int[256];
  private int[] otherRow = new int[256];
  private int[] shifts = new int[256];
  private Strand read;
  private Gene gene;
  private int length;

  Aligner(QualityModel qualities) {
    this.qualities = qualities;
    this.gaps = new GapFinder(qualities);
  }

  /** The read on the columns of a gene; bases between two columns are inserted there. */
  Alignment align(Strand strand, Gene onGene, int geneIndex, Hits hits, int k) {
    read = strand;
    gene = onGene;
    length = strand.length();
    prepare();
    layKmers(geneIndex, hits, k);
    fillBetween();
    extend(1);
    extend(-1);
    int cost = costAsLaid();
    if (cost > 0 && (hasGap() || hasOddEnd())) {
      gaps.find(read, gene, geneIndex, hits, k, column, row, cost, isSpliced());
    }
    return written();
  }

  private void prepare() {
    if (length > column.length) {
      column = new int[length];
      row = new int[length];
      symbol = new byte[length];
      otherSymbol = new byte[length];
      otherColumn = new int[length];
      otherRow = new int[length];
    }
    Arrays.fill(column, 0, length, -1);
  }

  /** K-mers of the commonest offset first, then the others as far as they agree with them. */
  private void layKmers(int geneIndex, Hits hits, int k) {
    int common = commonestShift(geneIndex, hits);
    int inMessage = messageShift(geneIndex, hits, common);
    for (boolean same : new boolean[] {true, false}) {
      int next = 0;
      for (int h = 0; h < hits.count(geneIndex); h++) {
        int from = hits.offset(geneIndex, h);
        boolean isLaid = column[from] >= 0 && column[from + k - 1] >= 0;
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
    while (left >= 0 && column[left] < 0) {
      left--;
    }
    int right = nextLaid(from);
    cursor.place(
        gene,
        KmerIndex.feature(place),
        KmerIndex.row(place),
        KmerIndex.column(place),
        KmerIndex.isSpliced(place));
    if (left >= 0 && column[left] >= cursor.column()) {
      return;
    }
    for (int i = from; i < to; i++) {
      if (i == right) {
        if (column[i] != cursor.column()) {
          return;
        }
        right = nextLaid(i + 1);
      } else if (right < length && column[right] <= cursor.column()) {
        return;
      } else {
        lay(i);
      }
      if (!cursor.step(1)) {
        return;
      }
    }
  }

  private int nextLaid(int from) {
    int at = from;
    while (at < length && column[at] < 0) {
      at++;
    }
    return at;
  }

  private void lay(int i) {
    column[i] = cursor.column();
    row[i] = cursor.row();
    symbol[i] = cursor.symbol();
  }

  private void fillBetween() {
    for (int left = nextLaid(0); left < length; ) {
      int right = nextLaid(left + 1);
      if (right < length && (right > left + 1 || column[right] > column[left] + 1)) {
        better(left, right, this::fill);
      }
      left = nextLaid(right);
    }
  }

  /** Bases between k-mers: from both sides as far as they match, the rest from the left. */
  private void fill(int left, int right, boolean spliced) {
    int from = walk(left, right, 1, true, spliced);
    int to = walk(right, from, -1, true, spliced);
    walk(from, to, 1, false, spliced);
  }

  private void extend(int direction) {
    int last = direction > 0 ? length : -1;
    int at = last - direction;
    while (at >= 0 && at < length && column[at] < 0) {
      at -= direction;
    }
    if (at < 0 || at >= length || at + direction == last) {
      return;
    }
    if (direction > 0) {
      better(at, length, (from, to, spliced) -> walk(from, to, 1, false, spliced));
    } else {
      better(-1, at, (to, from, spliced) -> walk(from, to, -1, false, spliced));
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
    if (cost(before + 1, behind) == 0) {
      return;
    }
    int left = inExon(before, -1);
    int right = inExon(behind, 1);
    if (left == NOWHERE || right == NOWHERE) {
      return;
    }
    int from = left + 1;
    int bases = right - from;
    int cost = cost(from, right);
    int laid = laid(from, right);
    System.arraycopy(column, from, otherColumn, 0, bases);
    System.arraycopy(row, from, otherRow, 0, bases);
    System.arraycopy(symbol, from, otherSymbol, 0, bases);
    Arrays.fill(column, from, right, -1);
    way.lay(left, right, true);
    if (laid(from, right) < laid || cost(from, right) >= cost) {
      System.arraycopy(otherColumn, 0, column, from, bases);
      System.arraycopy(otherRow, 0, row, from, bases);
      System.arraycopy(otherSymbol, 0, symbol, from, bases);
    }
  }

  /** The nearest base that is laid in an exon, all on the way being laid; the read's end stays. */
  private int inExon(int from, int direction) {
    int at = from;
    while (at >= 0 && at < length) {
      if (column[at] < 0) {
        return NOWHERE;
      }
      if (gene.hasExon(column[at], column[at] + 1)) {
        return at;
      }
      at += direction;
    }
    return at == from ? at : NOWHERE;
  }

  /**
   * What bases lose where they are laid, and by the columns left out before, between and behind
   * them. One that is not laid loses less than a base that is laid anywhere does on average, and
   * more than one that is laid where it belongs.
   */
  private int cost(int from, int to) {
    int cost = 0;
    for (int i = from; i < to; i++) {
      boolean isLaid = column[i] >= 0;
      boolean same = isLaid && symbol[i] == read.base(i);
      cost += same ? 0 : isLaid ? loss(i) : Math.min(NOT_LAID, loss(i));
    }
    for (int i = Math.max(1, from); i <= Math.min(to, length - 1); i++) {
      cost += isStep(i) ? loss(i) * basesLeftOut(i - 1, i) : 0;
    }
    return cost;
  }

  /** Whether a base is laid, and the one before it. */
  private boolean isStep(int i) {
    return column[i - 1] >= 0 && column[i] >= 0;
  }

  /** Bases that the rows of two neighbours have between them where the read has none. */
  private int basesLeftOut(int left, int right) {
    int bases = 0;
    for (int c = column[left] + 1; c < column[right]; c++) {
      boolean hasBase =
          isGap(c, left, right) && symbolUnder(isOf(c, left) ? left : right, c) != '.';
      bases += hasBase ? 1 : 0;
    }
    return bases;
  }

  /** Columns that the read steps over are gaps in it, but for introns that a message lacks. */
  private boolean isGap(int c, int left, int right) {
    return isOf(c, left) || isOf(c, right);
  }

  /** Whether a column is of the feature that a base is laid in. */
  private boolean isOf(int c, int i) {
    return gene.featureAt(c) == gene.featureAt(column[i]);
  }

  private int laid(int from, int to) {
    int laid = 0;
    for (int i = from; i < to; i++) {
      laid += column[i] >= 0 ? 1 : 0;
    }
    return laid;
  }

  /** What the row of a laid base has in a column of the base's feature. */
  private byte symbolUnder(int i, int inColumn) {
    int feature = gene.featureAt(column[i]);
    return gene.features().get(feature).row(row[i])[inColumn - gene.firstColumn(feature)];
  }

  private int loss(int i) {
    return read.base(i) == 'N' ? 0 : qualities.losses()[read.quality(i)];
  }

  /**
   * Lays bases one by one from a laid one towards another (or the read's end).
   *
   * @return the last base laid
   */
  private int walk(int from, int towards, int direction, boolean whileMatching, boolean spliced) {
    int feature = gene.featureAt(column[from]);
    cursor.place(gene, feature, row[from], column[from] - gene.firstColumn(feature), spliced);
    int at = from;
    while (at + direction != towards) {
      boolean onward = cursor.step(direction);
      boolean free = onward && isBefore(towards, direction);
      if (!free || (whileMatching && cursor.symbol() != read.base(at + direction))) {
        return at;
      }
      at += direction;
      lay(at);
    }
    return at;
  }

  private boolean isBefore(int towards, int direction) {
    if (towards < 0 || towards >= length) {
      return true;
    }
    return direction > 0 ? cursor.column() < column[towards] : cursor.column() > column[towards];
  }

  /** What the read loses as it lies, each gap as a whole. */
  private int costAsLaid() {
    int cost = 0;
    int last = -1;
    for (int i = 0; i < length; i++) {
      if (column[i] < 0) {
        cost += last < 0 ? Math.min(NOT_LAID, loss(i)) : 0;
        continue;
      }
      cost += symbol[i] == read.base(i) ? 0 : loss(i);
      if (last >= 0) {
        cost += GapFinder.cost(i - last - 1) + GapFinder.cost(basesLeftOut(last, i));
      }
      last = i;
    }
    for (int i = last + 1; i < length; i++) {
      cost += Math.min(NOT_LAID, loss(i));
    }
    return cost;
  }

  /** Whether bases have no column, or columns no base. */
  private boolean hasGap() {
    for (int i = 1; i < length; i++) {
      if (column[i] < 0 || column[i - 1] < 0) {
        return true;
      }
      if (column[i] > column[i - 1] + 1 && basesLeftOut(i - 1, i) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether one of the read's first or last bases is not as its row's: a gap may begin there. */
  private boolean hasOddEnd() {
    for (int i = 0; i < length; i++) {
      boolean isEnd = i < END_BP || i >= length - END_BP;
      boolean isTold = isEnd && loss(i) >= ODD_LOSS;
      if (isTold && column[i] >= 0 && symbol[i] != read.base(i)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the read goes from one exon on into the next. */
  private boolean isSpliced() {
    int last = -1;
    for (int i = 0; i < length; i++) {
      if (column[i] >= 0) {
        int before = last < 0 ? gene.featureAt(column[i]) : gene.featureAt(column[last]);
        if (gene.featureAt(column[i]) > before + 1) {
          return true;
        }
        last = i;
      }
    }
    return false;
  }

  private Alignment written() {
    Alignment alignment = new Alignment(length + 1);
    int last = -1;
    for (int i = 0; i < length; i++) {
      if (column[i] < 0) {
        continue;
      }
      byte quality = (byte) read.quality(i);
      if (last >= 0) {
        writeBetween(alignment, last, i);
      }
      alignment.add(column[i], read.base(i), quality, loss(i));
      last = i;
    }
    return alignment;
  }

  private boolean isOneBase(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      if (read.base(i) != read.base(from)) {
        return false;
      }
    }
    return true;
  }

  /** What lies between two laid bases: bases without a column, and columns without a base. */
  private void writeBetween(Alignment alignment, int left, int right) {
    if (right == left + 1 && column[right] == column[left] + 1) {
      return;
    }
    if (right > left + 1) {
      byte[] bases = new byte[right - left - 1];
      for (int i = 0; i < bases.length; i++) {
        bases[i] = read.base(left + 1 + i);
      }
      alignment.insert(bases);
    }
    if (isOneBase(0, left + 1) || isOneBase(right, length)) {
      // Of equal bases at its end a read does not tell how many there are.
      return;
    }
    int leftOut = basesLeftOut(left, right);
    // A gap that no allele has is one event, however many bases it takes.
    int each = leftOut == 0 ? 0 : Math.min(loss(right), GapFinder.cost(leftOut) / leftOut);
    for (int c = column[left] + 1; c < column[right]; c++) {
      if (isGap(c, left, right)) {
        boolean hasBase = symbolUnder(isOf(c, left) ? left : right, c) != '.';
        byte quality = (byte) read.quality(right);
        alignment.add(c, (byte) '.', quality, hasBase ? each : loss(right));
      }
    }
  }
}
