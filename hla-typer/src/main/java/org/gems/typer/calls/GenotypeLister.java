package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.gems.typer.calls.GenotypeList.Deciding;
import org.gems.typer.calls.SequencePlaces.Place;
import org.gems.typer.evidence.Product;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Lists the genotypes that the reads cannot exclude, and what would decide between the first. */
final class GenotypeLister {
  private final double margin;
  private final int maximum;
  private final int decidingMaximum;
  private final SequencePlaces places;

  GenotypeLister(Ruleset ruleset, SequencePlaces places) {
    margin = ruleset.get(Threshold.GENOTYPE_MARGIN_LN);
    maximum = ruleset.count(Threshold.GENOTYPES_LISTED);
    decidingMaximum = ruleset.count(Threshold.DECIDING_POSITIONS_LISTED);
    this.places = places;
  }

  GenotypeList list(LocusResult result) {
    List<Genotype> possible = possible(result);
    List<Genotype> listed = possible.subList(0, Math.min(maximum, possible.size()));
    String text =
        listed.stream().map(g -> text(result.model(), g)).collect(Collectors.joining("|"));
    boolean isCut = possible.size() > listed.size() || possible.size() == result.ranked().size();
    return new GenotypeList(text, listed.size(), isCut && possible.size() > 1, deciding(result));
  }

  /** The called genotype and those that fit the reads about as well, best first. */
  private List<Genotype> possible(LocusResult result) {
    double least = result.search().ofReads(result.called()) - margin;
    return result.ranked().stream()
        .filter(g -> g.equals(result.called()) || result.search().ofReads(g) >= least)
        .toList();
  }

  private static String text(LocusModel model, Genotype genotype) {
    return names(model, genotype.one()) + "+" + names(model, genotype.two());
  }

  private static String names(LocusModel model, AlleleClass allele) {
    return Arrays.stream(allele.members())
        .mapToObj(a -> model.entry(a).name().text())
        .collect(Collectors.joining("/"));
  }

  private List<Deciding> deciding(LocusResult result) {
    if (result.ranked().size() < 2) {
      return List.of();
    }
    List<Deciding> found = new ArrayList<>();
    List<AlleleClass> first = new ArrayList<>(both(result.ranked().get(0)));
    List<AlleleClass> second = new ArrayList<>(both(result.ranked().get(1)));
    for (AlleleClass shared : List.copyOf(first)) {
      if (second.remove(shared)) {
        first.remove(shared);
      }
    }
    for (int i = 0; i < first.size(); i++) {
      compare(result, first.get(i).representative(), second.get(i).representative(), found);
    }
    return found.stream().distinct().limit(decidingMaximum).toList();
  }

  private static List<AlleleClass> both(Genotype genotype) {
    return List.of(genotype.one(), genotype.two());
  }

  /** Columns between the panel's primers in which two alleles are not the same. */
  private void compare(LocusResult result, int one, int two, List<Deciding> found) {
    for (Product product : result.model().products()) {
      for (Place place : places.bases(product, one)) {
        byte other = product.table().row(place.feature(), two)[place.column()];
        if (other != place.symbol()) {
          found.add(
              new Deciding(
                  product.locus(),
                  product.table().features().get(place.feature()).name(),
                  place.column() + 1,
                  place.position(),
                  shown(place.symbol()),
                  shown((char) other)));
        }
      }
    }
  }

  private static String shown(char symbol) {
    return symbol == '*' ? "?" : String.valueOf(symbol);
  }
}
