package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gems.typer.Bases;
import org.gems.typer.library.LocusTable;

/**
 * The bases of an allele in an amplicon or exon, in their order.
 *
 * @param allele index into the gene's alleles
 * @param places one a base; none where the alignment does not hold the sequence
 * @param bases codes of the sequence as it is weighed: open ones are filled
 * @param columns of the gene, one a base; -1 for an inserted base that has no column of its own
 */
public record Places(int allele, List<Place> places, byte[] bases, int[] columns) {
  private static final int INSERTED = -1;

  /** Places whose columns are counted along a gene. */
  public static Places of(LocusTable table, int allele, List<Place> places, byte[] bases) {
    int[] columns = new int[places.size()];
    int last = INSERTED;
    for (int i = 0; i < columns.length; i++) {
      int column = table.firstColumn(places.get(i).feature()) + places.get(i).column();
      columns[i] = column > last ? column : INSERTED;
      last = Math.max(last, column);
    }
    return new Places(allele, List.copyOf(places), bases, columns);
  }

  /** An allele's bases of one feature, of a row with or without open ones. */
  public static Places ofFeature(LocusTable table, int allele, int feature, byte[] filled) {
    byte[] stated = table.row(feature, allele);
    List<Place> places = new ArrayList<>();
    byte[] bases = new byte[filled.length];
    for (int column = 0; column < filled.length; column++) {
      if (filled[column] != '.') {
        int n = places.size();
        bases[n] = Bases.code(filled[column]);
        places.add(new Place(feature, column, n + 1, (char) stated[column]));
      }
    }
    return of(table, allele, places, Arrays.copyOf(bases, places.size()));
  }

  /** Number of bases. */
  public int size() {
    return places.size();
  }

  /**
   * Which base stands in a column, or -1. Inserted bases without a column stand among the columns,
   * which binary search may stumble on.
   */
  public int indexOf(int column) {
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] == column) {
        return i;
      }
    }
    return -1;
  }

  /** Whether a base stands in a column. */
  public boolean has(int column, int base) {
    int at = indexOf(column);
    return at >= 0 && bases[at] == base;
  }

  /** Whether the release does not state the base of a column. */
  public boolean isOpen(int column) {
    int at = indexOf(column);
    return at >= 0 && places.get(at).symbol() == '*';
  }

  /** Bases of one feature that follow each other. */
  public record Stretch(int feature, int from, int to) {}

  /** The sequence cut where the feature changes. */
  public List<Stretch> stretches() {
    List<Stretch> found = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= size(); i++) {
      if (i == size() || places.get(i).feature() != places.get(from).feature()) {
        found.add(new Stretch(places.get(from).feature(), from, i));
        from = i;
      }
    }
    return found;
  }
}
