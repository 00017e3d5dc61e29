package org.gems.typer.shotgun;

import java.util.Arrays;
import org.gems.typer.reads.QualityModel;

/**
 * A read as it lies on a gene's columns: which base has which column, by which row, what the read
 * loses so, and the alignment that comes of it. One object serves read after read.
 */
final class DraftAlignment {
  /** Of bases laid where they do not belong three in four lose some 6900 each. */
  private static final int NOT_LAID = QualityModel.LOSS_SCALE;

  /** Behind a gap this near to a read's end few bases differ. */
  private static final int END_BP = 8;

  /** A weaker base tells nothing (Phred 10). */
  private static final int ODD_LOSS = 3 * QualityModel.LOSS_SCALE;

  private static final int NONE = -1;

  private final QualityModel qualities;
  private int[] column = new int[256];
  private int[] row = new int[256];

  /** What the row of each laid base has in its column. */
  private byte[] symbol = new byte[256];

  private int[] keptColumn = new int[256];
  private int[] keptRow = new int[256];
  private byte[] keptSymbol = new byte[256];
  private Strand read;
  private Gene gene;
  private int length;

  DraftAlignment(QualityModel qualities) {
    this.qualities = qualities;
  }

  /** Begins with a read of which no base is laid. */
  void begin(Strand strand, Gene onGene) {
    read = strand;
    gene = onGene;
    length = strand.length();
    if (length > column.length) {
      column = new int[length];
      row = new int[length];
      symbol = new byte[length];
      keptColumn = new int[length];
      keptRow = new int[length];
      keptSymbol = new byte[length];
    }
    lift(0, length);
  }

  int length() {
    return length;
  }

  byte base(int i) {
    return read.base(i);
  }

  boolean isLaid(int i) {
    return column[i] >= 0;
  }

  /** The column of a base, or -1. */
  int column(int i) {
    return column[i];
  }

  /** The row of a base that is laid. */
  int row(int i) {
    return row[i];
  }

  /** Lays a base where a cursor stands. */
  void lay(int i, Cursor cursor) {
    column[i] = cursor.column();
    row[i] = cursor.row();
    symbol[i] = cursor.symbol();
  }

  /** Lays every base anew; what rows have there is not looked at again. */
  void layAll(int[] columns, int[] rows) {
    System.arraycopy(columns, 0, column, 0, length);
    System.arraycopy(rows, 0, row, 0, length);
  }

  /** Takes bases off their columns. */
  void lift(int from, int to) {
    Arrays.fill(column, from, to, NONE);
  }

  /** Remembers how bases lie. */
  void keep(int from, int to) {
    System.arraycopy(column, from, keptColumn, from, to - from);
    System.arraycopy(row, from, keptRow, from, to - from);
    System.arraycopy(symbol, from, keptSymbol, from, to - from);
  }

  /** Lays bases as they lay when they were kept. */
  void restore(int from, int to) {
    System.arraycopy(keptColumn, from, column, from, to - from);
    System.arraycopy(keptRow, from, row, from, to - from);
    System.arraycopy(keptSymbol, from, symbol, from, to - from);
  }

  /** The first laid base from one on; the length where there is none. */
  int nextLaid(int from) {
    int at = from;
    while (at < length && column[at] < 0) {
      at++;
    }
    return at;
  }

  /**
   * What bases lose where they are laid, and by the columns left out before, between and behind
   * them. One that is not laid loses less than a base that is laid anywhere does on average, and
   * more than one that is laid where it belongs.
   */
  int cost(int from, int to) {
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

  /** Whether a base is laid in another feature than the laid one before it. */
  boolean isOverBorder(int i) {
    return isStep(i) && gene.featureAt(column[i - 1]) != gene.featureAt(column[i]);
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

  /** How many bases are laid. */
  int laid(int from, int to) {
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

  /** What the read loses as it lies, each gap as a whole. */
  int costAsLaid() {
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
  boolean hasGap() {
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
  boolean hasOddEnd() {
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
  boolean isSpliced() {
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

  /** The read on the columns; bases between two columns are inserted there. */
  Alignment written() {
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
