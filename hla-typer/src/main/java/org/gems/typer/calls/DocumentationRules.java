package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gems.typer.evidence.Product;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;

/**
 * Flags a called allele of which the release does not state all exon bases between the primers: the
 * reads there are as of another allele's. Unknown introns and ends do not change the protein, and
 * are told by the call's {@code documentation} alone.
 */
final class DocumentationRules {
  private final SequencePlaces places;

  DocumentationRules(SequencePlaces places) {
    this.places = places;
  }

  List<Flag> flags(LocusResult result) {
    List<Flag> flags = new ArrayList<>();
    for (AlleleClass allele : result.called().classes()) {
      int unknown = allele.complete() ? 0 : unknownExonBp(result.model(), allele.representative());
      if (unknown > 0) {
        flags.add(flag(result.model().entry(allele.representative()).name().text(), unknown));
      }
    }
    return flags;
  }

  private int unknownExonBp(LocusModel model, int allele) {
    int unknown = 0;
    for (Product product : model.products()) {
      unknown +=
          (int)
              places.bases(product, allele).stream()
                  .filter(place -> place.symbol() == '*')
                  .filter(place -> isExon(product, place.feature()))
                  .count();
    }
    return unknown;
  }

  private static boolean isExon(Product product, int feature) {
    return product.table().features().get(feature).name().startsWith("exon");
  }

  private static Flag flag(String allele, int unknown) {
    return new Flag(
        "partly_unknown_allele",
        "The release does not state %d exon bases of %s between the primers"
            .formatted(unknown, allele),
        Map.of("allele", allele, "unknown_exon_bp", unknown));
  }
}
