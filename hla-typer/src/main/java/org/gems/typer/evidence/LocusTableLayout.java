package org.gems.typer.evidence;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gems.typer.index.IndexReader;
import org.gems.typer.index.IndexWriter;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;

/** How a locus lies in an index. Its rows stay there until one is asked for. */
final class LocusTableLayout {
  private static final int CELLS = 4;

  private LocusTableLayout() {}

  static void write(IndexWriter writer, LocusTable table) {
    StringBuilder cells = new StringBuilder();
    for (AlleleEntry entry : table.alleles()) {
      for (String cell :
          List.of(entry.name().text(), entry.gGroup(), entry.pGroup(), entry.ciwd())) {
        cells.append(cell).append('\n');
      }
    }
    writer.text(cells.toString());
    writer.number(table.features().size());
    table.features().forEach(feature -> write(writer, feature));
  }

  /** Only rows that an allele has: of a feature that another locus lends, one. */
  private static void write(IndexWriter writer, LocusTable.Feature feature) {
    int[] newNumber = new int[feature.rows().size()];
    Arrays.fill(newNumber, -1);
    int[] rowOf = new int[feature.rowOf().length];
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    int kept = 0;
    for (int a = 0; a < rowOf.length; a++) {
      int row = feature.rowOf()[a];
      if (newNumber[row] < 0) {
        newNumber[row] = kept++;
        rows.writeBytes(feature.rows().get(row));
      }
      rowOf[a] = newNumber[row];
    }
    writer.text(feature.name());
    writer.number(feature.borrowed() ? 1 : 0);
    writer.number(kept);
    writer.numbers(rowOf);
    writer.bytes(feature.referenceRow());
    writer.bytes(rows.toByteArray());
  }

  static LocusTable read(IndexReader reader, String locus) {
    List<AlleleEntry> alleles = alleles(reader.text());
    List<LocusTable.Feature> features = new ArrayList<>();
    int count = reader.number();
    for (int f = 0; f < count; f++) {
      features.add(feature(reader));
    }
    return new LocusTable(locus, features, alleles);
  }

  private static List<AlleleEntry> alleles(String cells) {
    List<AlleleEntry> alleles = new ArrayList<>();
    String[] entry = new String[CELLS];
    int filled = 0;
    int from = 0;
    for (int to = cells.indexOf('\n'); to >= 0; to = cells.indexOf('\n', from)) {
      entry[filled++] = cells.substring(from, to);
      from = to + 1;
      if (filled == CELLS) {
        alleles.add(new AlleleEntry(AlleleName.parse(entry[0]), entry[1], entry[2], entry[3]));
        filled = 0;
      }
    }
    return alleles;
  }

  private static LocusTable.Feature feature(IndexReader reader) {
    String name = reader.text();
    boolean borrowed = reader.number() == 1;
    int count = reader.number();
    int[] rowOf = reader.numbers();
    byte[] referenceRow = copy(reader.bytes());
    Rows rows = new Rows(reader.bytes(), count, referenceRow.length);
    return new LocusTable.Feature(name, rows, rowOf, referenceRow, borrowed);
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(0, copy);
    return copy;
  }

  /** Rows of one length, each copied when it is asked for. */
  private static final class Rows extends AbstractList<byte[]> {
    private final ByteBuffer bytes;
    private final int count;
    private final int columns;

    Rows(ByteBuffer bytes, int count, int columns) {
      this.bytes = bytes;
      this.count = count;
      this.columns = columns;
    }

    @Override
    public byte[] get(int index) {
      byte[] row = new byte[columns];
      bytes.get(index * columns, row);
      return row;
    }

    @Override
    public int size() {
      return count;
    }
  }
}
