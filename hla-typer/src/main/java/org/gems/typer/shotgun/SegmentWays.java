package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.IntKey;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.Look;

/**
 * The ways in which some alleles of a gene look in a stretch of its columns, by the columns in
 * which they differ.
 */
final class SegmentWays {
  private static final byte OPEN = '*';

  private final int[] columns;
  private final BitSet gaps = new BitSet();
  private final byte[] usual;
  private final int first;
  private final List<byte[]> ways = new ArrayList<>();
  private final List<Look> looks = new ArrayList<>();
  private final int[][] waysOf;
  private final BitSet open = new BitSet();

  /**
   * The ways of some looks.
   *
   * @param read columns that any pair shows
   */
  SegmentWays(Gene gene, List<Look> all, BitSet read) {
    this.first = Math.max(0, read.nextSetBit(0));
    this.usual = new byte[Math.max(0, read.length() - first)];
    List<byte[]> rows = new ArrayList<>();
    for (int look = 0; look < all.size(); look++) {
      byte[] row = row(gene, all.get(look).allele());
      open.set(look, read.stream().anyMatch(c -> row[c - first] == OPEN));
      byte[] lent = row(gene, all.get(look).donor());
      for (int c = 0; c < row.length; c++) {
        row[c] = row[c] == OPEN ? lent[c] : row[c];
      }
      rows.add(row);
    }
    this.columns = read.stream().filter(c -> differ(rows, c - first)).toArray();
    this.waysOf = new int[rows.size()][];
    Map<IntKey, Integer> seen = new HashMap<>();
    for (int look = 0; look < rows.size(); look++) {
      waysOf[look] = new int[] {number(seen, all.get(look), told(rows.get(look)))};
    }
    for (int i = 0; i < columns.length; i++) {
      int column = i;
      boolean isGap = ways.stream().anyMatch(way -> way[column] == LaidRead.GAP);
      gaps.set(columns[i], isGap);
    }
  }

  private byte[] row(Gene gene, int allele) {
    byte[] row = new byte[usual.length];
    for (int c = 0; c < row.length; ) {
      int feature = gene.featureAt(first + c);
      byte[] stated = gene.table().row(feature, allele);
      int from = first + c - gene.firstColumn(feature);
      int bases = Math.min(row.length - c, stated.length - from);
      System.arraycopy(stated, from, row, c, bases);
      c += bases;
    }
    return row;
  }

  /** Whether stated symbols differ in a column; notes the first one. */
  private boolean differ(Iterable<byte[]> rows, int column) {
    byte found = OPEN;
    boolean differ = false;
    for (byte[] row : rows) {
      differ |= row[column] != OPEN && found != OPEN && row[column] != found;
      found = found == OPEN ? row[column] : found;
    }
    usual[column] = found;
    return differ;
  }

  /**
   * What a row has in the columns in which rows differ; what is open even in the donor is as usual.
   */
  private byte[] told(byte[] row) {
    byte[] told = new byte[columns.length];
    for (int i = 0; i < told.length; i++) {
      int c = columns[i] - first;
      told[i] = row[c] == OPEN ? usual[c] : row[c];
    }
    return told;
  }

  private int number(Map<IntKey, Integer> seen, Look look, byte[] way) {
    int[] key = IntStream.range(0, way.length).map(i -> way[i]).toArray();
    return seen.computeIfAbsent(
        new IntKey(key),
        k -> {
          ways.add(way);
          looks.add(look);
          return ways.size() - 1;
        });
  }

  /** Columns of the gene in which the alleles differ, in rising order. */
  int[] columns() {
    return columns;
  }

  /** What all alleles that state it have in a column in which they do not differ; or {@code *}. */
  byte usual(int column) {
    return usual[column - first];
  }

  /** Number of ways. */
  int size() {
    return ways.size();
  }

  /** The symbols of a way in the columns in which alleles differ. */
  byte[] way(int number) {
    return ways.get(number);
  }

  /** The first look of a way. */
  Look look(int number) {
    return looks.get(number);
  }

  /** Columns of the gene in which some ways have a base and others none. */
  BitSet gaps() {
    return gaps;
  }

  /** The one way of a look. */
  int[] waysOf(int look) {
    return waysOf[look];
  }

  /** Looks of alleles that the release leaves open in a column that pairs show. */
  BitSet open() {
    return open;
  }
}
