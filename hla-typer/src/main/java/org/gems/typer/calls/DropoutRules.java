package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.Bases;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Flags a called allele that an amplicon or exon hardly shows, or of which it hardly shows a base
 * that the other one lacks: such an allele may be a neighbour of the right one, which the release
 * does not have. An allele that no amplicon copied leaves no trace, and no flag can tell of it.
 */
final class DropoutRules {
  private final double leastShare;
  private final int leastPairs;
  private final int leastReads;

  DropoutRules(Ruleset ruleset) {
    leastShare = ruleset.get(Threshold.DROPOUT_SHARE);
    leastPairs = ruleset.count(Threshold.AMPLICON_MINIMUM_PAIRS);
    leastReads = ruleset.count(Threshold.UNSEEN_BASE_MINIMUM_PAIRS);
  }

  List<Flag> flags(CalledGene gene) {
    List<Flag> flags = new ArrayList<>();
    gene.targets().stream().filter(Attribution::isDeciding).forEach(t -> hardlySeen(t, flags));
    boolean isWhole = flags.isEmpty();
    gene.regions().stream()
        .filter(region -> isWhole && region.sides().size() > 1)
        .forEach(region -> unseenBases(gene, region, flags));
    return flags;
  }

  private void hardlySeen(Attribution target, List<Flag> flags) {
    double all = target.pairs(0) + target.pairs(1);
    for (int side = 0; side < 2; side++) {
      double share = all > 0 ? target.pairs(side) / all : 1;
      if (share < leastShare && all >= leastPairs) {
        flags.add(dropped(target.name(), target.alleleName(side), share));
      }
    }
  }

  private Flag dropped(String target, String allele, double share) {
    return Flag.of(
        FlagCode.DROPOUT_SUSPECTED,
        "%s shows almost no pairs of %s".formatted(target, allele),
        "amplicon",
        target,
        "allele",
        allele,
        "share",
        share,
        "threshold",
        leastShare);
  }

  /** A base that one called allele has and the other lacks, and that hardly a pair shows. */
  private void unseenBases(CalledGene gene, RegionReads region, List<Flag> flags) {
    for (int side = 0; side < 2; side++) {
      Places own = region.sides().get(side);
      Map<Integer, Byte> others = basesOf(region.sides().get(1 - side));
      for (int i = 0; i < own.size(); i++) {
        int column = own.columns()[i];
        byte base = own.bases()[i];
        boolean isStated = Bases.code((byte) own.places().get(i).symbol()) != Bases.UNKNOWN;
        boolean isOwn = column >= 0 && isStated && others.getOrDefault(column, base) != base;
        if (isOwn && isUnseen(region.everything(), column, base)) {
          flags.add(unseen(gene, region, own, i));
          break;
        }
      }
    }
  }

  private static Map<Integer, Byte> basesOf(Places places) {
    Map<Integer, Byte> bases = new HashMap<>();
    for (int i = 0; i < places.size(); i++) {
      bases.put(places.columns()[i], places.bases()[i]);
    }
    return bases;
  }

  private boolean isUnseen(Pileup pileup, int column, int base) {
    int depth = pileup.depth(column);
    return depth >= leastReads && pileup.count(column, base) < leastShare * depth;
  }

  private Flag unseen(CalledGene gene, RegionReads region, Places own, int i) {
    Place place = own.places().get(i);
    Pileup pileup = region.everything();
    int depth = pileup.depth(own.columns()[i]);
    int seen = pileup.count(own.columns()[i], own.bases()[i]);
    String allele = gene.result().model().entry(own.allele()).name().text();
    String feature = gene.result().model().table().features().get(place.feature()).name();
    return Flag.of(
        FlagCode.DROPOUT_SUSPECTED,
        "%d of %d pairs show the base of %s in %s, position %d, which the other allele lacks"
            .formatted(seen, depth, allele, feature, place.position()),
        "amplicon",
        region.name(),
        "allele",
        allele,
        "share",
        (double) seen / depth,
        "threshold",
        leastShare,
        "feature",
        feature,
        "position",
        place.position());
  }
}
