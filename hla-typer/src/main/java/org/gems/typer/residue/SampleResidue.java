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
import org.gems.typer.evidence.Amplicon;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.Product;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.residue.Parentage.Parent;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * What a sample's called alleles leave, by gene. Chimeras are told of amplicons only, whose ends
 * are known.
 */
final class SampleResidue {
  private final Optional<PanelContext> panel;
  private final Kinship kinship;
  private final int leastChanges;
  private final Map<String, List<Attribution>> attributions = new TreeMap<>();
  private final Map<String, List<TargetResidue>> residues;

  SampleResidue(Ruleset ruleset, Optional<PanelContext> panel, Map<String, CalledGene> genes) {
    this.panel = panel;
    this.kinship = new Kinship(ruleset);
    this.leastChanges = ruleset.count(Threshold.CHIMERA_PATCH_MINIMUM_CHANGES);
    genes.forEach((name, gene) -> attributions.put(name, gene.targets()));
    residues =
        genes.entrySet().parallelStream()
            .collect(
                Collectors.toConcurrentMap(
                    Map.Entry::getKey,
                    gene -> sorted(new ResidueSorter(ruleset), gene.getValue())));
  }

  private List<TargetResidue> sorted(ResidueSorter sorter, CalledGene gene) {
    int alleles = gene.result().model().table().alleles().size();
    return gene.targets().stream()
        .filter(target -> target.option(0) >= 0 && target.option(1) >= 0)
        .map(target -> sorter.sort(target, alleles, parentages(target)))
        .toList();
  }

  /** What a chimera of a target may be made of; nothing where it is no amplicon. */
  List<Parentage> parentages(Attribution target) {
    return target.target() instanceof Amplicon amplicon
        ? Parentage.of(parents(target, amplicon), related(amplicon.product()))
        : List.of();
  }

  private static List<Parent> parents(Attribution target, Amplicon amplicon) {
    List<Parent> parents = new ArrayList<>();
    for (int side = 0; side < (target.isDeciding() ? 2 : 1); side++) {
      if (target.option(side) >= 0) {
        parents.add(new Parent(target.alleleName(side), amplicon.sequence(target.option(side))));
      }
    }
    return parents;
  }

  /** Sequences of other genes and of pseudogenes that an amplicon's primers may copy. */
  private List<Parent> related(Product product) {
    List<Parent> related = new ArrayList<>();
    for (Map.Entry<String, List<Attribution>> gene : attributions.entrySet()) {
      for (Attribution target : gene.getValue()) {
        boolean isKin =
            target.target() instanceof Amplicon other
                && !gene.getKey().equals(product.locus())
                && kinship.isNear(product.row(), other.product().row());
        if (isKin) {
          related.addAll(parents(target, (Amplicon) target.target()));
        }
      }
    }
    panel.ifPresent(context -> addPseudogenes(context, product, related));
    return related;
  }

  private void addPseudogenes(PanelContext context, Product product, List<Parent> related) {
    Catalog catalog = context.catalog();
    for (int p = 0; p < catalog.products().size(); p++) {
      Product decoy = catalog.products().get(p);
      if (decoy.isDecoy() && decoy.row().equals(product.row())) {
        kinship.mostSeen(decoy, context.evidence().support(p)).ifPresent(related::add);
      }
    }
  }

  /**
   * Of which two alleles a chimera would look like another one in every amplicon that could show
   * it; empty where it would not.
   */
  Optional<String> chimeraLike(String gene, int allele) {
    String parents = "";
    for (TargetResidue residue : residues.get(gene)) {
      if (residue.foreign().isVisible(allele)) {
        parents = makers(residue.attribution(), allele).orElse("");
        if (parents.isEmpty()) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(parents).filter(names -> !names.isEmpty());
  }

  private Optional<String> makers(Attribution target, int allele) {
    if (!(target.target() instanceof Amplicon amplicon)) {
      return Optional.empty();
    }
    HaplotypeSet set = amplicon.product().haplotypes();
    return IntStream.of(set.optionsOf(allele))
        .mapToObj(option -> makers(target, set.sequence(option), ""))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** The names of two sequences that make another one, neither of them a certain allele's. */
  Optional<String> makers(Attribution target, byte[] sequence, String allele) {
    return parentages(target).stream()
        .filter(parents -> parents.isWithout(allele) && parents.make(sequence, leastChanges))
        .map(Parentage::names)
        .findFirst();
  }

  /** The names of two other sequences that make a side's own, in an amplicon. */
  Optional<String> makersOfSide(Attribution target, int side) {
    return target.option(side) >= 0 && target.target() instanceof Amplicon amplicon
        ? makers(target, amplicon.sequence(target.option(side)), target.alleleName(side))
        : Optional.empty();
  }

  /** How a called gene's pairs divide, by target. */
  List<Attribution> attributions(String gene) {
    return attributions.get(gene);
  }

  /** A called gene's foreign pairs, by target. */
  List<ForeignPairs> foreign(String gene) {
    return residues.get(gene).stream().map(TargetResidue::foreign).toList();
  }

  /** What is left of a called gene's targets, but for those in which an allele was not seen. */
  List<TargetResidue> of(String gene) {
    return residues.get(gene);
  }
}
