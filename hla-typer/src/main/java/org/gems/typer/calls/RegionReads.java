package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.calls.SequencePlaces.Place;
import org.gems.typer.evidence.Product;

/**
 * One called allele in one amplicon: its bases between the primers, each with its place.
 *
 * @param allele index into the gene's alleles
 * @param places one a base of the sequence; none where the alignment does not hold the sequence
 * @param depth expected pairs over each base of the sequence
 * @param stretches the sequence cut where the feature changes
 */
record PlacedSide(
    Product product, int allele, List<Place> places, double[] depth, List<Stretch> stretches) {

  /** Bases of the sequence from one index to before another, all of one feature. */
  record Stretch(int feature, int from, int to) {
    /** Whether a pair shows any of them: bases before one end, and from another on. */
    boolean isShown(int leftEnd, int rightStart) {
      return from < leftEnd || to > rightStart;
    }
  }

  /** A side whose stretches are found from its places. */
  static PlacedSide of(Product product, int allele, List<Place> places, double[] depth) {
    return new PlacedSide(product, allele, places, depth, stretches(places));
  }

  private static List<Stretch> stretches(List<Place> places) {
    List<Stretch> found = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= places.size(); i++) {
      boolean ends = i == places.size() || places.get(i).feature() != places.get(from).feature();
      if (ends) {
        found.add(new Stretch(places.get(from).feature(), from, i));
        from = i;
      }
    }
    return found;
  }

  /** As it is drawn. */
  Track track() {
    List<Track.Run> runs =
        stretches().stream()
            .map(
                s ->
                    new Track.Run(
                        featureName(s.feature()),
                        places.get(s.from()).position(),
                        s.to() - s.from()))
            .toList();
    List<Integer> rounded = new ArrayList<>(depth.length);
    for (double pairs : depth) {
      rounded.add((int) Math.round(pairs));
    }
    return new Track(runs, List.copyOf(rounded));
  }

  String featureName(int feature) {
    return product.table().features().get(feature).name();
  }
}
