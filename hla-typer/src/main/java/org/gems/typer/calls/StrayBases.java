package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gems.typer.Bases;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.ruleset.Ruleset;

/**
 * A base that neither called allele has, in so many of the pairs over it that no error makes them.
 * An allele that the release lacks may show one where each pair by itself is as of another allele,
 * and where these pairs are few beside all others of an amplicon or exon.
 */
final class StrayBases {
  private final StrayRule rule;

  /** A rule with the ruleset's thresholds. */
  StrayBases(Ruleset ruleset) {
    rule = StrayRule.ofBase(ruleset);
  }

  /** A base that pairs over a place show, and how many of them. */
  private record Seen(RegionReads region, Place place, int base, int pairs, int all) {
    double share() {
      return (double) pairs / all;
    }
  }

  /** The base of a called gene that is told, that with the greatest share; empty without one. */
  Optional<Flag> flag(CalledGene gene) {
    List<Seen> found = new ArrayList<>();
    for (RegionReads region : gene.regions()) {
      region.sides().forEach(places -> search(region, places, found));
    }
    return found.stream()
        .reduce((most, other) -> other.share() > most.share() ? other : most)
        .map(seen -> flag(gene, seen));
  }

  private void search(RegionReads region, Places places, List<Seen> found) {
    for (int i = 0; i < places.size(); i++) {
      int column = places.columns()[i];
      for (int base = 0; column >= 0 && base < Pileup.BASES; base++) {
        int pairs = region.everything().count(column, base);
        int all = region.everything().depth(column);
        boolean isOwn = base == places.bases()[i];
        if (!isOwn && rule.isMet(pairs, all) && !region.mayHave(column, base)) {
          found.add(new Seen(region, places.places().get(i), base, pairs, all));
        }
      }
    }
  }

  private Flag flag(CalledGene gene, Seen seen) {
    String feature = gene.result().model().table().features().get(seen.place().feature()).name();
    String base = Bases.text(new byte[] {(byte) seen.base()});
    Map<String, Object> evidence =
        rule.evidence(gene.gene(), seen.region().name(), seen.pairs(), seen.all());
    evidence.put("feature", feature);
    evidence.put("position", seen.place().position());
    evidence.put("base", base);
    return new Flag(
        FlagCode.STRAY_PAIRS,
        "%d of %d pairs over %s %d show %s, which no called allele of %s has"
            .formatted(
                seen.pairs(), seen.all(), feature, seen.place().position(), base, gene.gene()),
        evidence);
  }
}
