package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gems.typer.genotype.LaidRead;

/**
 * A read on the columns of a gene, in their order: in each the base it shows, or a gap, and what it
 * costs a sequence to have another symbol there, in thousandths of a natural logarithm. Bases that
 * no allele has a column for stand between two columns.
 */
final class Alignment implements LaidRead {
  private int[] columns;
  private byte[] symbols;
  private byte[] qualities;
  private int[] losses;
  private final List<Inserted> inserted = new ArrayList<>(0);
  private int size;

  /** An empty alignment with room for so many symbols, which grows where gaps need it. */
  Alignment(int room) {
    columns = new int[room];
    symbols = new byte[room];
    qualities = new byte[room];
    losses = new int[room];
  }

  private Alignment(Alignment whole, int from, int to) {
    columns = Arrays.copyOfRange(whole.columns, from, to);
    symbols = Arrays.copyOfRange(whole.symbols, from, to);
    qualities = Arrays.copyOfRange(whole.qualities, from, to);
    losses = Arrays.copyOfRange(whole.losses, from, to);
    size = to - from;
    for (Inserted bases : whole.inserted) {
      boolean isInside = size > 0 && bases.after() >= first() && bases.after() < last();
      if (isInside) {
        inserted.add(bases);
      }
    }
  }

  void add(int column, byte symbol, byte quality, int loss) {
    if (size == columns.length) {
      columns = Arrays.copyOf(columns, size * 2);
      symbols = Arrays.copyOf(symbols, size * 2);
      qualities = Arrays.copyOf(qualities, size * 2);
      losses = Arrays.copyOf(losses, size * 2);
    }
    columns[size] = column;
    symbols[size] = symbol;
    qualities[size] = quality;
    losses[size] = loss;
    size++;
  }

  /** Adds bases behind the last column that have none of their own. */
  void insert(byte[] bases) {
    inserted.add(new Inserted(last(), bases));
  }

  @Override
  public List<Inserted> inserted() {
    return inserted;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int column(int i) {
    return columns[i];
  }

  @Override
  public byte symbol(int i) {
    return symbols[i];
  }

  @Override
  public byte quality(int i) {
    return qualities[i];
  }

  int loss(int i) {
    return losses[i];
  }

  int first() {
    return columns[0];
  }

  int last() {
    return columns[size - 1];
  }

  /** Symbols that are bases. */
  int bases() {
    int bases = 0;
    for (int i = 0; i < size; i++) {
      bases += symbols[i] == '.' ? 0 : 1;
    }
    return bases;
  }

  /** Index of the first symbol at or after a column. */
  int firstFrom(int column) {
    int at = Arrays.binarySearch(columns, 0, size, column);
    return at >= 0 ? at : -at - 1;
  }

  /** Whether the read lies over a column, with a symbol or with one on either side. */
  boolean spans(int column) {
    return size > 0 && first() <= column && column <= last();
  }

  /** What of it lies from one column up to another. */
  Alignment within(int from, int to) {
    int first = firstFrom(from);
    int end = firstFrom(to);
    return first == 0 && end == size ? this : new Alignment(this, first, Math.max(first, end));
  }
}
