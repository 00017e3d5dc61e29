package org.gems.typer.shotgun;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.library.LocusTable;

/**
 * Gives alleles that the release states in part the bases of their nearest relative: of the alleles
 * of their family that it states in full (of all, where the family has none) the one with the
 * fewest differences in the stated exon columns.
 */
final class ExonFiller {
  private static final byte UNKNOWN = '*';

  private final LocusTable table;
  private final int[] exons;
  private final boolean[] complete;
  private final boolean[][] stated;
  private final int[] donor;

  ExonFiller(LocusTable table) {
    this.table = table;
    this.exons =
        IntStream.range(0, table.features().size())
            .filter(f -> table.features().get(f).isExon())
            .toArray();
    int alleles = table.alleles().size();
    this.complete = new boolean[alleles];
    this.donor = new int[alleles];
    this.stated = new boolean[table.features().size()][];
    for (int f : exons) {
      stated[f] = statedRows(table.features().get(f));
    }
    for (int a = 0; a < alleles; a++) {
      complete[a] = isComplete(a);
    }
    findDonors();
  }

  private static boolean[] statedRows(LocusTable.Feature feature) {
    boolean[] stated = new boolean[feature.rows().size()];
    for (int r = 0; r < stated.length; r++) {
      stated[r] = isStated(feature.rows().get(r));
    }
    return stated;
  }

  private static boolean isStated(byte[] row) {
    for (byte symbol : row) {
      if (symbol == UNKNOWN) {
        return false;
      }
    }
    return true;
  }

  private boolean isComplete(int allele) {
    for (int f : exons) {
      if (!stated[f][table.features().get(f).rowOf()[allele]]) {
        return false;
      }
    }
    return true;
  }

  private void findDonors() {
    Map<Integer, List<Integer>> byFamily = new HashMap<>();
    List<Integer> all = new ArrayList<>();
    for (int a = 0; a < complete.length; a++) {
      if (complete[a]) {
        int family = table.alleles().get(a).name().family();
        byFamily.computeIfAbsent(family, k -> new ArrayList<>()).add(a);
        all.add(a);
      }
    }
    for (int a = 0; a < complete.length; a++) {
      int family = table.alleles().get(a).name().family();
      donor[a] = complete[a] ? a : nearest(a, byFamily.getOrDefault(family, all));
    }
  }

  private int nearest(int allele, List<Integer> candidates) {
    int best = -1;
    int fewest = Integer.MAX_VALUE;
    for (int candidate : candidates) {
      int differences = differences(allele, candidate, fewest);
      if (differences < fewest) {
        fewest = differences;
        best = candidate;
      }
    }
    return best;
  }

  private int differences(int allele, int candidate, int enough) {
    int count = 0;
    for (int e = 0; e < exons.length && count < enough; e++) {
      byte[] own = table.row(exons[e], allele);
      byte[] other = table.row(exons[e], candidate);
      if (own != other) {
        count = differences(own, other, count, enough);
      }
    }
    return count;
  }

  /** Counts on from a number; rows are mostly alike, so whole stretches are compared at once. */
  private static int differences(byte[] own, byte[] other, int from, int enough) {
    int count = from;
    int c = 0;
    while (c < own.length && count < enough) {
      int next = Arrays.mismatch(own, c, own.length, other, c, other.length);
      if (next < 0) {
        return count;
      }
      c += next;
      while (c < own.length && own[c] == UNKNOWN) {
        c++;
      }
      if (c < own.length && own[c] != other[c]) {
        count++;
        c++;
      }
    }
    return count;
  }

  /** For each allele whether the release states all its exons. */
  boolean[] complete() {
    return complete;
  }

  /** For each exon and row of the release whether it states every base. */
  boolean[][] stated() {
    return stated;
  }

  /** An exon with the open bases filled, equal rows kept once. */
  FeatureTable filled(int exon) {
    LocusTable.Feature feature = table.features().get(exon);
    Map<ByteBuffer, Integer> known = new LinkedHashMap<>();
    int[] rowOf = new int[donor.length];
    for (int a = 0; a < donor.length; a++) {
      ByteBuffer row = ByteBuffer.wrap(filledRow(exon, a));
      rowOf[a] = known.computeIfAbsent(row, r -> known.size());
    }
    List<byte[]> rows = known.keySet().stream().map(ByteBuffer::array).toList();
    return new FeatureTable(feature.name(), rows, rowOf, feature.referenceRow());
  }

  private byte[] filledRow(int exon, int allele) {
    byte[] own = table.row(exon, allele);
    if (complete[allele] || donor[allele] < 0) {
      return own;
    }
    byte[] lent = table.row(exon, donor[allele]);
    byte[] row = own.clone();
    for (int c = 0; c < row.length; c++) {
      row[c] = row[c] == UNKNOWN ? lent[c] : row[c];
    }
    return row;
  }
}
