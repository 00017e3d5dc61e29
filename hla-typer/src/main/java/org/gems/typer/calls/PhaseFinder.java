package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.gems.typer.calls.SequencePlaces.Place;
import org.gems.typer.library.LocusTable;

/**
 * Joins the bases in which two called alleles differ where the same pairs show them. Bases next to
 * each other in a pair are joined once enough pairs show both; what hangs together is in phase.
 */
final class PhaseFinder {
  private static final long FEATURE = 1L << 32;

  private final LocusTable table;
  private final int minimumPairs;
  private final Map<Long, Long> joined = new TreeMap<>();
  private final Map<Long, Map<Long, Integer>> neighbours = new HashMap<>();

  PhaseFinder(LocusTable table, int minimumPairs) {
    this.table = table;
    this.minimumPairs = minimumPairs;
  }

  /**
   * A base in which the alleles differ.
   *
   * @param index in the side's sequence; where the side has a gap, of the base before it
   * @param key names its feature and column, rising along the gene
   */
  record Difference(int index, long key, int feature) {}

  /** Where a side differs from the other allele, as far as the release states both. */
  List<Difference> differences(PlacedSide side, int other) {
    List<Difference> found = new ArrayList<>();
    for (PlacedSide.Stretch stretch : side.stretches()) {
      int f = stretch.feature();
      byte[] own = table.row(f, side.allele());
      byte[] theirs = table.row(f, other);
      int index = stretch.from();
      int last = side.places().get(stretch.to() - 1).column();
      for (int column = side.places().get(index).column(); column <= last; column++) {
        index = indexAt(column, side.places(), index, stretch.to());
        boolean stated = own[column] != '*' && theirs[column] != '*';
        if (stated && own[column] != theirs[column]) {
          found.add(new Difference(index, f * FEATURE + column, f));
        }
      }
    }
    return found;
  }

  /**
   * The index of the base in a column, or of the last one before it; an inserted base has the
   * column of the base that it follows.
   *
   * @param from an index that is not behind the column
   */
  private static int indexAt(int column, List<Place> places, int from, int to) {
    int index = from;
    while (index + 1 < to
        && places.get(index).column() < column
        && places.get(index + 1).column() <= column) {
      index++;
    }
    return index;
  }

  /** Takes note of the differences that one pair shows, in the order of the gene. */
  void show(List<Difference> shown) {
    for (int i = 0; i < shown.size(); i++) {
      joined.putIfAbsent(shown.get(i).key(), shown.get(i).key());
      if (i > 0) {
        neighbours
            .computeIfAbsent(shown.get(i - 1).key(), k -> new HashMap<>())
            .merge(shown.get(i).key(), 1, Integer::sum);
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
    Map<Long, Set<String>> exons = new TreeMap<>();
    for (long key : joined.keySet()) {
      String name = table.features().get((int) (key / FEATURE)).name();
      if (name.startsWith("exon")) {
        exons.computeIfAbsent(root(key), k -> new LinkedHashSet<>()).add(name);
      }
    }
    return exons.values().stream().map(List::copyOf).toList();
  }

  /** The lowest key of a block names it, so that the order of pairs changes nothing. */
  private void join(long one, long two) {
    joined.put(Math.max(one, two), Math.min(one, two));
  }

  private long root(long key) {
    long at = key;
    while (joined.get(at) != at) {
      at = joined.get(at);
    }
    return at;
  }
}
