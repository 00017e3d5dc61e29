package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.Flag;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.ruleset.Ruleset;

/** What one sample's pairs say beyond its called alleles. */
public final class SampleDoubts {
  private final Map<String, List<Flag>> flags = new TreeMap<>();
  private final ForeignReads foreign;

  /**
   * Looks at what a sample's calls leave.
   *
   * @param sample its name
   * @param genes what its calls rest on, by gene
   */
  public SampleDoubts(
      Catalog catalog,
      Ruleset ruleset,
      String sample,
      SampleEvidence evidence,
      Map<String, CalledGene> genes) {
    SampleResidue residue = new SampleResidue(catalog, ruleset, evidence, genes);
    ThirdAlleleFinder finder = new ThirdAlleleFinder(ruleset);
    ChimeraRules chimeras = new ChimeraRules(ruleset);
    PseudogeneRules pseudogenes = new PseudogeneRules(catalog, ruleset, evidence);
    ThirdAlleleFlags flagOf = new ThirdAlleleFlags(catalog);
    Map<String, List<ThirdAllele>> thirds = new TreeMap<>();
    genes.forEach(
        (gene, called) -> {
          List<Flag> own =
              flags.computeIfAbsent(ThirdAlleleFlags.locus(gene), k -> new ArrayList<>());
          own.addAll(chimeras.flags(residue, gene));
          own.addAll(pseudogenes.flags(gene));
          List<ThirdAllele> real = new ArrayList<>();
          for (ThirdAllele third : finder.find(called.result().model(), residue.foreign(gene))) {
            Optional<String> parents = residue.chimeraLike(gene, third.allele());
            String name = catalog.alleleName(gene, third.allele());
            parents.ifPresent(names -> own.add(chimeras.like(name, names, third)));
            if (parents.isEmpty()) {
              real.add(third);
            }
          }
          thirds.put(gene, real);
          if (!real.isEmpty()) {
            own.add(flagOf.alone(gene, real));
          }
        });
    foreign = ForeignReads.of(sample, residue, genes, thirds);
  }

  /** The calls with these doubts. */
  public List<LocusCall> flagged(List<LocusCall> calls) {
    return calls.stream()
        .map(call -> call.with(flags.getOrDefault(call.locus(), List.of())))
        .toList();
  }

  /** What is to be compared with the other samples of the run. */
  public ForeignReads foreign() {
    return foreign;
  }
}
