package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.Flag;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What the reads say beside a call: a weak second allele, pairs that no called allele explains. */
final class ShotgunDoubts {
  private final double minorAlleleGain;
  private final double strayShare;
  private final int strayPairs;
  private final double tolerated;

  ShotgunDoubts(Ruleset ruleset) {
    minorAlleleGain = ruleset.get(Threshold.MINOR_ALLELE_GAIN_LN);
    strayShare = ruleset.get(Threshold.SHOTGUN_STRAY_SHARE);
    tolerated = ruleset.get(Threshold.SHOTGUN_STRAY_COST_LN);
    strayPairs = ruleset.count(Threshold.SHOTGUN_STRAY_PAIRS);
  }

  List<Flag> flags(GeneResult result) {
    List<Flag> flags = new ArrayList<>();
    minorAllele(result).ifPresent(flags::add);
    strayPairs(result).ifPresent(flags::add);
    return flags;
  }

  /** A second allele that some pairs ask for, too few to call it. */
  private Optional<Flag> minorAllele(GeneResult result) {
    GroupPair called = result.called();
    if (!called.isHomozygous()) {
      return Optional.empty();
    }
    GroupPair beside = result.search().bestBeside(called.one());
    double gain = result.search().ofReads(beside) - result.search().ofReads(called);
    if (gain <= minorAlleleGain) {
      return Optional.empty();
    }
    int other = beside.one() == called.one() ? beside.two() : beside.one();
    String name = result.name(result.group(other).representative());
    return Optional.of(
        new Flag(
            "minor_allele_suspected",
            "Some pairs ask for a second allele such as %s, too few to call it".formatted(name),
            Flag.evidenceOf(
                "allele", name, "log_likelihood_gain", gain, "threshold", minorAlleleGain)));
  }

  /** Pairs of a third allele or of another gene, or of one that was taken for something else. */
  private Optional<Flag> strayPairs(GeneResult result) {
    int pairs = result.model().fragments().size();
    int stray = result.strays(tolerated);
    double share = (double) stray / pairs;
    if (stray < strayPairs || share < strayShare) {
      return Optional.empty();
    }
    String gene = result.model().gene().name();
    return Optional.of(
        new Flag(
            "stray_pairs",
            "%d of %d pairs of %s fit none of the called alleles".formatted(stray, pairs, gene),
            Flag.evidenceOf(
                "gene", gene, "pairs", stray, "share", share, "threshold", strayShare)));
  }
}
