package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.gems.typer.library.LocusTable;

/**
 * Joins the bases in which two called alleles differ where the same pairs show them. Bases next to
 * each other in a pair are joined once enough pairs show both; what hangs together is in phase.
 */
final class PhaseFinder {
  private final LocusTable table;
  private final int minimumPairs;
  private final Map<Integer, Integer> joined = new TreeMap<>();
  private final Map<Integer, Map<Integer, Integer>> neighbours = new HashMap<>();

  PhaseFinder(LocusTable table, int minimumPairs) {
    this.table = table;
    this.minimumPairs = minimumPairs;
  }

  /**
   * A column of the gene in which the alleles differ.
   *
   * @param anchor the column of the side's base there, or of the one before a gap
   */
  record Difference(int column, int anchor, int feature) {
    /** Whether the side has no base there. */
    boolean isGap() {
      return anchor < column;
    }
  }

  /** Where an allele differs from the other one, as far as the release states both. */
  List<Difference> differences(int allele, int other) {
    List<Difference> found = new ArrayList<>();
    for (int f = 0; f < table.features().size(); f++) {
      byte[] own = table.row(f, allele);
      byte[] theirs = table.row(f, other);
      int anchor = -1;
      for (int c = 0; c < own.length; c++) {
        anchor = own[c] == '.' ? anchor : c;
        boolean stated = own[c] != '*' && theirs[c] != '*';
        if (stated && own[c] != theirs[c] && anchor >= 0) {
          int first = table.firstColumn(f);
          found.add(new Difference(first + c, first + anchor, f));
        }
      }
    }
    return found;
  }

  /** Takes note of the differences that one pair shows, in the order of the gene. */
  void show(List<Difference> shown) {
    for (int i = 0; i < shown.size(); i++) {
      joined.putIfAbsent(shown.get(i).column(), shown.get(i).column());
      if (i > 0) {
        neighbours
            .computeIfAbsent(shown.get(i - 1).column(), k -> new HashMap<>())
            .merge(shown.get(i).column(), 1, Integer::sum);
      }
    }
  }

  /** Exons with differences, those together that are in phase. */
  List<List<String>> blocks() {
    neighbours.forEach(
        (from, ends) ->
            ends.forEach(
                (to, pairs) -> {
                  if (pairs >= minimumPairs) {
                    join(root(from), root(to));
                  }
                }));
    Map<Integer, Set<String>> exons = new TreeMap<>();
    for (int key : joined.keySet()) {
      LocusTable.Feature feature = table.features().get(table.featureAt(key));
      if (feature.isExon()) {
        exons.computeIfAbsent(root(key), k -> new LinkedHashSet<>()).add(feature.name());
      }
    }
    return exons.values().stream().map(List::copyOf).toList();
  }

  /** The lowest key of a block names it, so that the order of pairs changes nothing. */
  private void join(int one, int two) {
    joined.put(Math.max(one, two), Math.min(one, two));
  }

  private int root(int key) {
    int at = key;
    while (joined.get(at) != at) {
      at = joined.get(at);
    }
    return at;
  }
}
