package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.evidence.ReadCounts;

/** What one sample's reads say: fragments by gene, and pairs lost. */
public final class ShotgunEvidence implements ReadCounts {
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

  @Override
  public int pairs() {
    return pairs;
  }

  @Override
  public List<Loss> losses() {
    return lost.entrySet().stream()
        .map(e -> new Loss(e.getKey().word(), e.getValue(), e.getKey().meaning()))
        .toList();
  }

  List<Fragment> fragments(int gene) {
    return fragments.get(gene);
  }
}
