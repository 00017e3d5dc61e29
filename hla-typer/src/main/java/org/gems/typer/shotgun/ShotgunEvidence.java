package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What one sample's reads say: fragments by gene, and pairs lost. */
public final class ShotgunEvidence {
  private final Map<ShotgunFilter, Integer> lost = new EnumMap<>(ShotgunFilter.class);
  private final List<List<Fragment>> fragments = new ArrayList<>();
  private int pairs;

  ShotgunEvidence(int genes) {
    for (ShotgunFilter filter : ShotgunFilter.values()) {
      lost.put(filter, 0);
    }
    for (int g = 0; g < genes; g++) {
      fragments.add(new ArrayList<>());
    }
  }

  void countPair() {
    pairs++;
  }

  void lose(ShotgunFilter filter) {
    lost.merge(filter, 1, Integer::sum);
  }

  /** Pairs read. */
  public int pairs() {
    return pairs;
  }

  /** Pairs lost at each filter. */
  public Map<ShotgunFilter, Integer> lost() {
    return lost;
  }

  /** Pairs that no filter stopped. */
  public int usedPairs() {
    return pairs - lost.values().stream().mapToInt(Integer::intValue).sum();
  }

  List<Fragment> fragments(int gene) {
    return fragments.get(gene);
  }
}
