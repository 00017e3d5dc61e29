package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.Flag;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.SampleEvidence;
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
    private final Catalog catalog;
    private final ThirdAlleleFinder finder;
    private final ThirdAlleleFlags thirdAlleles;
    private final ChimeraRules chimeras;
    private final PseudogeneRules pseudogenes;

    Rules(Catalog catalog, Ruleset ruleset, SampleEvidence evidence) {
      this.catalog = catalog;
      this.finder = new ThirdAlleleFinder(ruleset);
      this.thirdAlleles = new ThirdAlleleFlags(catalog);
      this.chimeras = new ChimeraRules(ruleset);
      this.pseudogenes = new PseudogeneRules(catalog, ruleset, evidence);
    }
  }

  static GeneDoubts of(CalledGene called, SampleResidue residue, Rules rules) {
    String gene = called.gene();
    List<Flag> flags = new ArrayList<>(rules.chimeras.flags(residue, gene));
    flags.addAll(rules.pseudogenes.flags(gene));
    List<ThirdAllele> thirds = new ArrayList<>();
    for (ThirdAllele third : rules.finder.find(called.result().model(), residue.foreign(gene))) {
      Optional<String> parents = residue.chimeraLike(gene, third.allele());
      if (parents.isPresent()) {
        String name = rules.catalog.alleleName(gene, third.allele());
        flags.add(rules.chimeras.like(name, parents.get(), third));
      } else {
        thirds.add(third);
      }
    }
    if (!thirds.isEmpty()) {
      flags.add(rules.thirdAlleles.alone(gene, thirds));
    }
    return new GeneDoubts(gene, flags, thirds);
  }
}
