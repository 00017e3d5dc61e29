package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gems.typer.IntKey;
import org.gems.typer.library.LocusTable;

/**
 * The ways in which a gene's alleles look in some exons together. An allele that the release states
 * there has one. One that is open may look as its nearest relative, or as any allele of its family
 * that is stated there and agrees with it.
 */
final class ExonPatterns {
  /** Open alleles are few in their ways; more are as good as any. */
  private static final int MOST_WAYS = 64;

  private final Gene gene;
  private final LocusTable table;
  private final int[] exons;
  private final List<int[]> patterns = new ArrayList<>();
  private final int[][] waysOf;

  ExonPatterns(Gene gene, int[] exons) {
    this.gene = gene;
    this.table = gene.table();
    this.exons = exons;
    this.waysOf = new int[table.alleles().size()][];
    Map<IntKey, Integer> seen = new HashMap<>();
    Map<Integer, Set<Integer>> statedByFamily = new HashMap<>();
    int[] own = new int[waysOf.length];
    int[] families = table.families();
    for (int a : byPreference()) {
      int[] rows = filledRows(a);
      own[a] =
          seen.computeIfAbsent(
              new IntKey(rows),
              k -> {
                patterns.add(rows);
                return patterns.size() - 1;
              });
      if (isStated(a)) {
        statedByFamily.computeIfAbsent(families[a], f -> new LinkedHashSet<>()).add(own[a]);
      }
    }
    Map<IntKey, int[]> openWays = new LinkedHashMap<>();
    for (int a = 0; a < waysOf.length; a++) {
      int allele = a;
      waysOf[a] =
          isStated(a)
              ? new int[] {own[a]}
              : openWays.computeIfAbsent(
                  openKey(a, own[a], families[a]),
                  k -> ways(allele, own[allele], statedByFamily.get(families[allele])));
    }
  }

  private int[] byPreference() {
    Integer[] alleles = new Integer[waysOf.length];
    Arrays.setAll(alleles, a -> a);
    Arrays.sort(alleles, Comparator.comparingInt(gene.order()::rank));
    return Arrays.stream(alleles).mapToInt(Integer::intValue).toArray();
  }

  private int[] filledRows(int allele) {
    return Arrays.stream(exons).map(f -> gene.features().get(f).rowOf(allele)).toArray();
  }

  private boolean isStated(int allele) {
    return Arrays.stream(exons).allMatch(f -> gene.isStated(f, allele));
  }

  private IntKey openKey(int allele, int own, int family) {
    int[] key = new int[exons.length + 2];
    for (int i = 0; i < exons.length; i++) {
      key[i] = table.features().get(exons[i]).rowOf()[allele];
    }
    key[exons.length] = own;
    key[exons.length + 1] = family;
    return new IntKey(key);
  }

  /** The nearest relative's way first. */
  private int[] ways(int allele, int own, Set<Integer> ofFamily) {
    Set<Integer> ways = new LinkedHashSet<>(List.of(own));
    for (int pattern : ofFamily == null ? Set.<Integer>of() : ofFamily) {
      if (ways.size() < MOST_WAYS && agrees(allele, patterns.get(own), patterns.get(pattern))) {
        ways.add(pattern);
      }
    }
    return ways.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Whether a pattern is as an allele wherever the release states that one. */
  private boolean agrees(int allele, int[] own, int[] pattern) {
    for (int i = 0; i < exons.length; i++) {
      boolean isSame = own[i] == pattern[i];
      if (!isSame && (gene.isStated(exons[i], allele) || !agrees(allele, i, pattern[i]))) {
        return false;
      }
    }
    return true;
  }

  private boolean agrees(int allele, int i, int otherRow) {
    byte[] stated = table.row(exons[i], allele);
    byte[] row = gene.features().get(exons[i]).row(otherRow);
    for (int c = 0; c < row.length; c++) {
      if (stated[c] != '*' && stated[c] != row[c]) {
        return false;
      }
    }
    return true;
  }

  /** Number of patterns. */
  int size() {
    return patterns.size();
  }

  /** The rows of a pattern, one an exon. */
  int[] rows(int pattern) {
    return patterns.get(pattern);
  }

  /** The row of each pattern in one of the exons, by its place among them. */
  int[] rowsOf(int exon) {
    return patterns.stream().mapToInt(rows -> rows[exon]).toArray();
  }

  /** The patterns that an allele may have. */
  int[] waysOf(int allele) {
    return waysOf[allele];
  }
}
