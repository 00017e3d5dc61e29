package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.flags.Flag;
import org.gems.typer.ruleset.Ruleset;

/**
 * What one gene's pairs say beyond its called alleles.
 *
 * @param flags chimeras, pseudogenes and third alleles
 * @param thirds alleles that its foreign pairs ask for, those left out that a chimera explains
 */
record GeneDoubts(String gene, List<Flag> flags, List<ThirdAllele> thirds) {
  /** What looks for them; for use by several threads. */
  static final class Rules {
    private final ThirdAlleleFinder finder;
    private final ChimeraRules chimeras;
    private final Optional<PseudogeneRules> pseudogenes;

    Rules(Ruleset ruleset, Optional<PanelContext> panel) {
      this.finder = new ThirdAlleleFinder(ruleset);
      this.chimeras = new ChimeraRules(ruleset);
      this.pseudogenes = panel.map(context -> new PseudogeneRules(context, ruleset));
    }
  }

  static GeneDoubts of(CalledGene called, SampleResidue residue, Rules rules) {
    String gene = called.gene();
    List<Flag> flags = new ArrayList<>(rules.chimeras.flags(residue, gene));
    rules.pseudogenes.ifPresent(pseudogenes -> flags.addAll(pseudogenes.flags(gene)));
    List<ThirdAllele> thirds = new ArrayList<>();
    for (ThirdAllele third : rules.finder.find(called.result().model(), residue.foreign(gene))) {
      Optional<String> parents = residue.chimeraLike(gene, third.allele().index());
      if (parents.isPresent()) {
        flags.add(rules.chimeras.like(third.allele().name(), parents.get(), third));
      } else {
        thirds.add(third);
      }
    }
    if (!thirds.isEmpty()) {
      flags.add(ThirdAlleleFlags.alone(gene, thirds));
    }
    return new GeneDoubts(gene, flags, thirds);
  }
}
