package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gems.typer.calls.Attribution;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.Product;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.residue.Parentage.Parent;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What a sample's called alleles leave, by gene. */
final class SampleResidue {
  private final Catalog catalog;
  private final SampleEvidence evidence;
  private final Kinship kinship;
  private final int leastChanges;
  private final Map<String, List<Attribution>> attributions = new TreeMap<>();
  private final Map<String, List<AmpliconResidue>> residues;

  SampleResidue(
      Catalog catalog, Ruleset ruleset, SampleEvidence evidence, Map<String, CalledGene> genes) {
    this.catalog = catalog;
    this.evidence = evidence;
    this.kinship = new Kinship(ruleset);
    this.leastChanges = ruleset.count(Threshold.CHIMERA_PATCH_MINIMUM_CHANGES);
    genes.forEach((name, gene) -> attributions.put(name, gene.amplicons()));
    residues =
        attributions.entrySet().parallelStream()
            .collect(
                Collectors.toConcurrentMap(
                    Map.Entry::getKey,
                    gene -> sorted(new ResidueSorter(ruleset), gene.getValue())));
  }

  private List<AmpliconResidue> sorted(ResidueSorter sorter, List<Attribution> own) {
    return own.stream()
        .filter(amplicon -> amplicon.option(0) >= 0 && amplicon.option(1) >= 0)
        .map(amplicon -> sorter.sort(amplicon, parentages(amplicon)))
        .toList();
  }

  /** What a chimera of an amplicon may be made of. */
  List<Parentage> parentages(Attribution amplicon) {
    return Parentage.of(parents(amplicon), related(amplicon.evidence().product()));
  }

  private static List<Parent> parents(Attribution amplicon) {
    List<Parent> parents = new ArrayList<>();
    for (int side = 0; side < (amplicon.isDeciding() ? 2 : 1); side++) {
      if (amplicon.option(side) >= 0) {
        parents.add(
            new Parent(amplicon.alleleName(side), amplicon.sequence(amplicon.option(side))));
      }
    }
    return parents;
  }

  /** Sequences of other genes and of pseudogenes that an amplicon's primers may copy. */
  List<Parent> related(Product product) {
    List<Parent> related = new ArrayList<>();
    for (Map.Entry<String, List<Attribution>> gene : attributions.entrySet()) {
      for (Attribution amplicon : gene.getValue()) {
        Product other = amplicon.evidence().product();
        if (!gene.getKey().equals(product.locus()) && kinship.isNear(product.row(), other.row())) {
          related.addAll(parents(amplicon));
        }
      }
    }
    for (int p = 0; p < catalog.products().size(); p++) {
      Product decoy = catalog.products().get(p);
      if (decoy.isDecoy() && decoy.row().equals(product.row())) {
        kinship.mostSeen(decoy, evidence.support(p)).ifPresent(related::add);
      }
    }
    return related;
  }

  /**
   * Of which two alleles a chimera would look like another one in every amplicon that could show
   * it; empty where it would not.
   */
  Optional<String> chimeraLike(String gene, int allele) {
    String parents = "";
    for (AmpliconResidue amplicon : residues.get(gene)) {
      if (ForeignPairs.of(amplicon).isVisible(allele)) {
        HaplotypeSet set = amplicon.attribution().evidence().product().haplotypes();
        parents =
            IntStream.of(set.optionsOf(allele))
                .mapToObj(option -> makers(amplicon.attribution(), set.sequence(option), ""))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse("");
        if (parents.isEmpty()) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(parents).filter(names -> !names.isEmpty());
  }

  /** The names of two sequences that make another one, neither of them a certain allele's. */
  Optional<String> makers(Attribution amplicon, byte[] sequence, String allele) {
    return parentages(amplicon).stream()
        .filter(parents -> parents.isWithout(allele) && parents.make(sequence, leastChanges))
        .map(Parentage::names)
        .findFirst();
  }

  /** How a called gene's pairs divide, by amplicon. */
  List<Attribution> attributions(String gene) {
    return attributions.get(gene);
  }

  /** A called gene's foreign pairs, by amplicon. */
  List<ForeignPairs> foreign(String gene) {
    return residues.get(gene).stream().map(ForeignPairs::of).toList();
  }

  /** What is left of a called gene's amplicons, but for those in which an allele was not seen. */
  List<AmpliconResidue> of(String gene) {
    return residues.get(gene);
  }
}
