package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gems.typer.evidence.GapSearch.Fit;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.Places;
import org.gems.typer.haplotype.HaplotypeSet;

/** A read that begins at a primer, on the columns of its gene, with the gap that it has. */
final class AnchoredRead implements LaidRead {
  private static final int QUALITY_OF_GAP = 0;

  private int[] columns = new int[512];
  private byte[] symbols = new byte[512];
  private byte[] qualities = new byte[512];
  private final List<Inserted> inserted = new ArrayList<>();
  private int size;

  private final Gap gap;
  private final int gapFrom;

  private AnchoredRead(Gap gap, int longer) {
    this.gap = gap;
    this.gapFrom = gap.index() + longer;
  }

  /**
   * The two reads of a pair, each from its own primer on.
   *
   * @param places of the sequence on which they lie
   * @param sequence its number in the set
   */
  static List<LaidRead> of(
      HaplotypeSet set, PairStore store, int pair, Places places, int sequence) {
    int length = places.size();
    Optional<Fit> fit = store.gap(pair).map(fits -> fits.of(sequence));
    Gap gap = fit.map(Fit::gap).orElse(Gap.NONE);
    AnchoredRead left = new AnchoredRead(gap, 0);
    int most = Math.min(length, store.leftLength(pair));
    for (int i = 0; i < most; i++) {
      left.add(places, i, store.data()[store.leftStart(pair) + i], false);
    }
    int longer = fit.map(f -> length - set.length(f.sequence())).orElse(0);
    AnchoredRead right = new AnchoredRead(gap, longer);
    int last = store.rightStart(pair) + length - 1;
    for (int i = Math.max(0, length - store.rightLength(pair)); i < length; i++) {
      right.add(places, i, store.data()[last - i], true);
    }
    return List.of(left, right);
  }

  private void add(Places places, int place, byte packed, boolean isComplemented) {
    if (place == gapFrom && !gap.inserted().isEmpty() && size > 0) {
      insert(gap.inserted());
    }
    int base = isComplemented ? 3 - PackedRead.base(packed) : PackedRead.base(packed);
    char letter = PackedRead.quality(packed) == 0 ? 'N' : "ACGT".charAt(base);
    boolean isMissing = place >= gapFrom && place < gapFrom + gap.missing();
    int column = places.columns()[place];
    if (column >= 0) {
      fill(column);
      put(column, isMissing ? GAP : (byte) letter, PackedRead.quality(packed));
    } else if (size > 0) {
      insert(String.valueOf(letter));
    }
  }

  private void insert(String bases) {
    byte[] letters = new byte[bases.length()];
    for (int i = 0; i < letters.length; i++) {
      letters[i] = (byte) bases.charAt(i);
    }
    inserted.add(new Inserted(columns[size - 1], letters));
  }

  /** The sequence has no base in the columns between two of its own. */
  private void fill(int column) {
    for (int c = size == 0 ? column : columns[size - 1] + 1; c < column; c++) {
      put(c, GAP, QUALITY_OF_GAP);
    }
  }

  private void put(int column, byte symbol, int quality) {
    if (size == columns.length) {
      columns = Arrays.copyOf(columns, 2 * size);
      symbols = Arrays.copyOf(symbols, 2 * size);
      qualities = Arrays.copyOf(qualities, 2 * size);
    }
    columns[size] = column;
    symbols[size] = symbol;
    qualities[size++] = (byte) quality;
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

  @Override
  public List<Inserted> inserted() {
    return inserted;
  }
}
