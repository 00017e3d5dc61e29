package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.evidence.ReadCounts;

/** What one sample's reads say: fragments by gene, and pairs lost. */
public final class ShotgunEvidence extends ReadCounts<ShotgunFilter> {
  private final List<List<Fragment>> fragments = new ArrayList<>();

  ShotgunEvidence(int genes) {
    super(ShotgunFilter.class);
    for (int g = 0; g < genes; g++) {
      fragments.add(new ArrayList<>());
    }
  }

  List<Fragment> fragments(int gene) {
    return fragments.get(gene);
  }
}
