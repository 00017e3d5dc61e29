package org.gems.typer.genotype;

import java.util.Arrays;

/**
 * The bases that one pair shows, by the gene's columns in rising order, each column once; used
 * again and again.
 */
public final class Shown {
  /** What is shown where two reads disagree, or a base is unknown. */
  public static final byte NOTHING = 4;

  private int[] columns = new int[512];
  private byte[] bases = new byte[512];
  private byte[] qualities = new byte[512];
  private int size;

  /** Begins a new pair. */
  public void clear() {
    size = 0;
  }

  /** Adds a base behind the last column. */
  public void add(int column, byte base, byte quality) {
    if (size == columns.length) {
      columns = Arrays.copyOf(columns, 2 * size);
      bases = Arrays.copyOf(bases, 2 * size);
      qualities = Arrays.copyOf(qualities, 2 * size);
    }
    columns[size] = column;
    bases[size] = base;
    qualities[size++] = quality;
  }

  /**
   * Adds what both reads of a pair show: a base on which they agree, or the surer one where the
   * other says little, else nothing.
   *
   * @param weak a quality up to which a base says little
   */
  public void addBoth(int column, byte one, byte itsQuality, byte two, byte other, int weak) {
    if (one == two) {
      add(column, one, (byte) Math.max(itsQuality, other));
    } else if (Math.min(itsQuality, other) < weak && Math.max(itsQuality, other) >= weak) {
      boolean isFirst = itsQuality > other;
      add(column, isFirst ? one : two, isFirst ? itsQuality : other);
    } else {
      add(column, NOTHING, (byte) 0);
    }
  }

  /** Number of columns. */
  public int size() {
    return size;
  }

  /** A column of the gene. */
  public int column(int i) {
    return columns[i];
  }

  /** Base code there, or {@link #NOTHING}. */
  public byte base(int i) {
    return bases[i];
  }

  /** Its quality (Phred). */
  public byte quality(int i) {
    return qualities[i];
  }

  /** Whether a column is shown, and with which index; negative where it is not. */
  public int find(int column) {
    return Arrays.binarySearch(columns, 0, size, column);
  }

  /** Whether any column from one up to another is shown. */
  public boolean reaches(int from, int to) {
    int at = find(from);
    int next = at >= 0 ? at : -at - 1;
    return next < size && columns[next] < to;
  }
}
