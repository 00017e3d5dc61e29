package org.gems.typer.reads;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** How many pairs a sample has, and where they were lost. */
public abstract class ReadCounts<F extends Enum<F> & ReadFilter> {
  private final Map<F, Integer> lost;
  private final Set<String> runs = new TreeSet<>();
  private int pairs;

  /** No pairs yet, and none lost at any filter. */
  protected ReadCounts(Class<F> filters) {
    lost = new EnumMap<>(filters);
    for (F filter : filters.getEnumConstants()) {
      lost.put(filter, 0);
    }
  }

  /**
   * Pairs that one filter stopped.
   *
   * @param filter its name in results
   * @param meaning why it stops a pair, for people
   */
  public record Loss(String filter, int pairs, String meaning) {}

  /** Counts a pair that was read. */
  public void countPair() {
    pairs++;
  }

  /** Counts a pair that a filter stopped. */
  public void lose(F filter) {
    lost.merge(filter, 1, Integer::sum);
  }

  /** Notes runs of a sequencer that the reads come from. */
  public void comeFrom(Set<String> named) {
    runs.addAll(named);
  }

  /** The sequencer's runs that the reads' names tell of, in order. */
  public Set<String> runs() {
    return runs;
  }

  /** Pairs read. */
  public int pairs() {
    return pairs;
  }

  /** Pairs that a filter stopped. */
  public int lost(F filter) {
    return lost.get(filter);
  }

  /** Pairs lost at each filter, none left out, in the order in which pairs pass. */
  public List<Loss> losses() {
    return lost.entrySet().stream()
        .map(e -> new Loss(e.getKey().word(), e.getValue(), e.getKey().meaning()))
        .toList();
  }

  /** Pairs that no filter stopped. */
  public int usedPairs() {
    return pairs - lost.values().stream().mapToInt(Integer::intValue).sum();
  }
}
