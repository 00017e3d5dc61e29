package org.gems.typer.shotgun;

import java.util.List;
import java.util.Optional;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** All genes and pseudogenes of a library, laid out and indexed; shared by all samples. */
public final class ShotgunLibrary {
  private final List<Gene> genes;
  private final KmerIndex index;

  /** Reads and indexes a library. */
  public ShotgunLibrary(LibraryReader reader, Ruleset ruleset) {
    genes =
        reader.read(reader.manifest().referenceAlleles().keySet()).values().parallelStream()
            .map(Gene::new)
            .toList();
    index = new KmerIndex(ruleset.count(Threshold.SHOTGUN_KMER_BP), genes);
  }

  List<Gene> genes() {
    return genes;
  }

  KmerIndex index() {
    return index;
  }

  /** A gene's number, where the library has it. */
  Optional<Integer> indexOf(String name) {
    for (int g = 0; g < genes.size(); g++) {
      if (genes.get(g).name().equals(name)) {
        return Optional.of(g);
      }
    }
    return Optional.empty();
  }
}
