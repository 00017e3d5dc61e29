package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gems.typer.calls.GenotypeList.Deciding;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Lists the genotypes that the reads cannot exclude, and what would decide between the first. The
 * first entry holds the ambiguities of both called alleles; the others are pairs that it lacks.
 */
final class GenotypeLister {
  /** Stands for a base that the release does not state. */
  private static final String OPEN = "?";

  private final int maximum;
  private final int decidingMaximum;

  GenotypeLister(Ruleset ruleset) {
    maximum = ruleset.count(Threshold.GENOTYPES_LISTED);
    decidingMaximum = ruleset.count(Threshold.DECIDING_POSITIONS_LISTED);
  }

  GenotypeList list(CalledGene gene, PossibleGenotypes possible) {
    LocusResult result = gene.result();
    List<Genotype> others = possible.others();
    List<Genotype> listed = others.subList(0, Math.min(maximum - 1, others.size()));
    String first =
        String.join("/", possible.ambiguities(0)) + "+" + String.join("/", possible.ambiguities(1));
    String rest =
        listed.stream().map(g -> "|" + text(result.model(), g)).collect(Collectors.joining());
    boolean isCut = others.size() > listed.size() || isRankedToTheEnd(result, others);
    return new GenotypeList(first + rest, 1 + listed.size(), isCut, deciding(gene));
  }

  /** Whether the last genotype that was kept is possible, so that more may be. */
  private static boolean isRankedToTheEnd(LocusResult result, List<Genotype> others) {
    return !others.isEmpty()
        && others.get(others.size() - 1).equals(result.ranked().get(result.ranked().size() - 1));
  }

  private static String text(LocusModel model, Genotype genotype) {
    return String.join("/", PossibleGenotypes.names(model, genotype.one()))
        + "+"
        + String.join("/", PossibleGenotypes.names(model, genotype.two()));
  }

  private List<Deciding> deciding(CalledGene gene) {
    LocusResult result = gene.result();
    List<Genotype> candidates = result.candidates();
    if (candidates.size() < 2) {
      return List.of();
    }
    List<Integer> first = new ArrayList<>(List.of(0, result.called().isHomozygous() ? 0 : 1));
    List<AlleleClass> second = new ArrayList<>(both(candidates.get(1)));
    for (int side : List.copyOf(first)) {
      if (second.remove(both(result.called()).get(side))) {
        first.remove(Integer.valueOf(side));
      }
    }
    return IntStream.range(0, first.size())
        .boxed()
        .flatMap(i -> compare(gene, first.get(i), second.get(i).representative()).stream())
        .distinct()
        .limit(decidingMaximum)
        .toList();
  }

  private static List<AlleleClass> both(Genotype genotype) {
    return List.of(genotype.one(), genotype.two());
  }

  /**
   * Columns of the regions, and of introns where these told alleles apart, in which a called allele
   * and another one are not the same.
   */
  private static List<Deciding> compare(CalledGene gene, int side, int other) {
    LocusModel model = gene.result().model();
    LocusTable table = model.table();
    List<Deciding> found = new ArrayList<>();
    for (RegionReads region : gene.regions()) {
      found.addAll(compare(table, region.sides().get(side), other));
    }
    int called = gene.result().called().classes().get(side).representative();
    for (int f = 0; model.stretches() > 0 && f < table.features().size(); f++) {
      if (!table.features().get(f).isExon()) {
        byte[] row = table.row(f, called);
        compare(table, Places.ofFeature(table, called, f, row), other).stream()
            .filter(place -> !place.first().equals(OPEN) && !place.second().equals(OPEN))
            .forEach(found::add);
      }
    }
    return found;
  }

  private static List<Deciding> compare(LocusTable table, Places own, int other) {
    List<Deciding> found = new ArrayList<>();
    for (Place place : own.places()) {
      byte symbol = table.row(place.feature(), other)[place.column()];
      if (symbol != place.symbol()) {
        found.add(
            new Deciding(
                table.locus(),
                table.features().get(place.feature()).name(),
                place.column() + 1,
                place.position(),
                shown(place.symbol()),
                shown((char) symbol)));
      }
    }
    return found;
  }

  private static String shown(char symbol) {
    return symbol == '*' ? OPEN : String.valueOf(symbol);
  }
}
