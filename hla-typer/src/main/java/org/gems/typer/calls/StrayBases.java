package org.gems.typer.calls;

import java.util.Map;
import java.util.Optional;
import org.gems.typer.Bases;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * A base that neither called allele has, in so many of the pairs over it that no error makes them.
 * An allele that the release lacks may show one where each pair by itself is as of another allele,
 * and where these pairs are few beside all others of an amplicon or exon.
 */
final class StrayBases {
  private final int leastPairs;
  private final double leastShare;

  /** A rule with the ruleset's thresholds. */
  StrayBases(Ruleset ruleset) {
    leastPairs = ruleset.count(Threshold.STRAY_PAIRS);
    leastShare = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
  }

  /** One place's base, and how many of its pairs show it. */
  private record Seen(RegionReads region, Place place, int base, int pairs, int all) {
    double share() {
      return (double) pairs / all;
    }
  }

  /** The base of a called gene that is told, that with the greatest share; empty without one. */
  Optional<Flag> flag(CalledGene gene) {
    Seen most = null;
    for (RegionReads region : gene.regions()) {
      for (Places places : region.sides()) {
        for (int i = 0; i < places.size(); i++) {
          Seen seen = strangest(region, places, i);
          most = seen != null && (most == null || seen.share() > most.share()) ? seen : most;
        }
      }
    }
    return Optional.ofNullable(most).map(seen -> flag(gene, seen));
  }

  /** The base of a place that no called allele has and enough pairs show; null without one. */
  private Seen strangest(RegionReads region, Places places, int i) {
    int column = places.columns()[i];
    Seen most = null;
    int least = leastPairs;
    for (int base = 0; column >= 0 && base < Pileup.BASES; base++) {
      int pairs = region.everything().count(column, base);
      if (base != places.bases()[i] && pairs >= least) {
        int all = region.everything().depth(column);
        if (pairs >= leastShare * all && !region.mayHave(column, base)) {
          most = new Seen(region, places.places().get(i), base, pairs, all);
          least = pairs + 1;
        }
      }
    }
    return most;
  }

  private Flag flag(CalledGene gene, Seen seen) {
    String feature = gene.result().model().table().features().get(seen.place().feature()).name();
    String base = Bases.text(new byte[] {(byte) seen.base()});
    Map<String, Object> evidence =
        Flag.evidenceOf(
            "gene", gene.gene(), "amplicon", seen.region().name(), "pairs", seen.pairs());
    evidence.put("share", seen.share());
    evidence.put("threshold", leastShare);
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
