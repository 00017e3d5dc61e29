package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gems.typer.genotype.LaidRead;

/**
 * A read on the columns of a gene, in their order: in each the base it shows, or a gap, and what it
 * costs a sequence to have another symbol there, in thousandths of a natural logarithm. Bases that
 * no allele has a column for stand between two columns. Many are kept of a sample: columns that
 * follow each other, as nearly all reads' do, are told by the first one alone.
 */
final class Alignment implements LaidRead {
  /** No loss is as high as this. */
  private static final int MOST_LOSS = Character.MAX_VALUE;

  private int first;

  /** Null as long as each column follows the one before. */
  private int[] columns;

  private byte[] symbols;
  private byte[] qualities;
  private char[] losses;
  private List<Inserted> inserted = List.of();
  private int size;

  /** An empty alignment with room for so many symbols, which grows where gaps need it. */
  Alignment(int room) {
    symbols = new byte[room];
    qualities = new byte[room];
    losses = new char[room];
  }

  private Alignment(Alignment whole, int from, int to) {
    first = from < to ? whole.column(from) : 0;
    columns = whole.columns == null ? null : Arrays.copyOfRange(whole.columns, from, to);
    symbols = Arrays.copyOfRange(whole.symbols, from, to);
    qualities = Arrays.copyOfRange(whole.qualities, from, to);
    losses = Arrays.copyOfRange(whole.losses, from, to);
    size = to - from;
    for (Inserted bases : whole.inserted) {
      boolean isInside = size > 0 && bases.after() >= first() && bases.after() < last();
      if (isInside) {
        addInserted(bases);
      }
    }
  }

  void add(int column, byte symbol, byte quality, int loss) {
    if (size == symbols.length) {
      int room = size + size / 4 + 1;
      symbols = Arrays.copyOf(symbols, room);
      qualities = Arrays.copyOf(qualities, room);
      losses = Arrays.copyOf(losses, room);
    }
    if (size == 0) {
      first = column;
    }
    if (columns == null && column != first + size) {
      columns = new int[symbols.length];
      Arrays.setAll(columns, i -> first + i);
    }
    if (columns != null) {
      columns = size < columns.length ? columns : Arrays.copyOf(columns, symbols.length);
      columns[size] = column;
    }
    symbols[size] = symbol;
    qualities[size] = quality;
    losses[size] = (char) Math.min(MOST_LOSS, loss);
    size++;
  }

  /** Adds bases behind the last column that have none of their own. */
  void insert(byte[] bases) {
    addInserted(new Inserted(last(), bases));
  }

  private void addInserted(Inserted bases) {
    inserted = inserted.isEmpty() ? new ArrayList<>(1) : inserted;
    inserted.add(bases);
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
    return columns == null ? first + i : columns[i];
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
    return first;
  }

  int last() {
    return column(size - 1);
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
    if (columns == null) {
      return Math.max(0, Math.min(size, column - first));
    }
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
