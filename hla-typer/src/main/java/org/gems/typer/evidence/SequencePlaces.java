package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.Bases;
import org.gems.typer.genotype.Place;
import org.gems.typer.haplotype.LocatedAmplicon;
import org.gems.typer.haplotype.LocatedAmplicon.Span;
import org.gems.typer.library.LocusTable;

/** Where in a gene's features an amplicon's bases lie. */
public final class SequencePlaces {
  private final Catalog catalog;

  /** Places in a catalog's genes. */
  public SequencePlaces(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The bases of an allele in an amplicon, those under the primers too; none without a place. */
  public List<Place> bases(Product product, int allele) {
    return catalog
        .amplicon(product)
        .map(a -> bases(product.table(), a, allele))
        .orElseGet(List::of);
  }

  private static List<Place> bases(LocusTable table, LocatedAmplicon amplicon, int allele) {
    List<Place> places = new ArrayList<>();
    for (Span span : amplicon.spans()) {
      byte[] row = table.row(span.feature(), allele);
      int position = 0;
      for (int column = 0; column < span.to(); column++) {
        position += row[column] == '.' ? 0 : 1;
        if (column >= span.from() && row[column] != '.') {
          places.add(new Place(span.feature(), column, position, (char) row[column]));
        }
      }
    }
    return places;
  }

  /**
   * The places of a sequence that an allele has between the primers.
   *
   * @return empty where the allele's stated bases do not hold it
   */
  Optional<List<Place>> of(Product product, int allele, byte[] sequence) {
    List<Place> all = bases(product, allele);
    String text = Bases.text(sequence);
    for (int start = 0; start + sequence.length <= all.size(); start++) {
      if (holds(all, start, text)) {
        return Optional.of(all.subList(start, start + sequence.length));
      }
    }
    return Optional.empty();
  }

  /** The places of a sequence, or, where the allele does not hold it, those that fit it best. */
  List<Place> nearest(Product product, int allele, byte[] sequence) {
    List<Place> all = bases(product, allele);
    return of(product, allele, sequence)
        .orElseGet(() -> all.isEmpty() ? all : PlaceAligner.align(all, Bases.text(sequence)));
  }

  private static boolean holds(List<Place> all, int start, String text) {
    for (int i = 0; i < text.length(); i++) {
      char symbol = all.get(start + i).symbol();
      if (symbol != '*' && symbol != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
