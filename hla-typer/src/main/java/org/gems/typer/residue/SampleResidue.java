package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.calls.Attribution;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.Product;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.residue.Parentage.Parent;
import org.gems.typer.ruleset.Ruleset;

/** What a sample's called alleles leave, by gene. */
final class SampleResidue {
  private final Catalog catalog;
  private final SampleEvidence evidence;
  private final Kinship kinship;
  private final Map<String, List<Attribution>> attributions = new TreeMap<>();
  private final Map<String, List<AmpliconResidue>> residues = new TreeMap<>();

  SampleResidue(
      Catalog catalog, Ruleset ruleset, SampleEvidence evidence, Map<String, LocusResult> results) {
    this.catalog = catalog;
    this.evidence = evidence;
    this.kinship = new Kinship(ruleset);
    results.forEach((gene, r) -> attributions.put(gene, Attribution.of(r, r.called())));
    ResidueSorter sorter = new ResidueSorter(ruleset);
    attributions.forEach((gene, own) -> residues.put(gene, sorted(sorter, own)));
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

  /** Genes that were called. */
  Iterable<String> genes() {
    return residues.keySet();
  }

  /** How a called gene's pairs divide, by amplicon. */
  List<Attribution> attributions(String gene) {
    return attributions.get(gene);
  }

  /** What is left of a called gene's amplicons, but for those in which an allele was not seen. */
  List<AmpliconResidue> of(String gene) {
    return residues.get(gene);
  }
}
