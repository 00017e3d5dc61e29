package org.gems.typer.reads;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** How many pairs a sample has, and where they were lost. */
public abstract class ReadCounts<F extends Enum<F> & ReadFilter> {
  private final Map<F, Integer> lost;
  private final Map<ReaderFilter, Integer> unread = new EnumMap<>(ReaderFilter.class);
  private final Set<String> runs = new TreeSet<>();
  private int pairs;

  /** No pairs yet, and none lost at any filter. */
  protected ReadCounts(Class<F> filters) {
    lost = new EnumMap<>(filters);
    for (F filter : filters.getEnumConstants()) {
      lost.put(filter, 0);
    }
    for (ReaderFilter filter : ReaderFilter.values()) {
      unread.put(filter, 0);
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

  /** Takes back that a filter stopped a pair. */
  public void keep(F filter) {
    lost.merge(filter, -1, Integer::sum);
  }

  /** Notes what reading the files told: the sequencer's runs, and pairs that nothing looked at. */
  public void readFrom(ReaderNotes notes) {
    runs.addAll(notes.runs());
    notes.lost().forEach((filter, count) -> unread.merge(filter, count, Integer::sum));
    pairs += notes.lost().values().stream().mapToInt(Integer::intValue).sum();
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
    return Stream.concat(losses(unread), losses(lost)).toList();
  }

  /** Pairs that no filter stopped. */
  public int usedPairs() {
    return pairs - losses().stream().mapToInt(Loss::pairs).sum();
  }

  private static Stream<Loss> losses(Map<? extends ReadFilter, Integer> counts) {
    return counts.entrySet().stream()
        .map(e -> new Loss(e.getKey().word(), e.getValue(), e.getKey().meaning()));
  }
}
