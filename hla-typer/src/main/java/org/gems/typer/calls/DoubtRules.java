package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.library.AlleleName;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * What the reads leave possible beside the call: a weak second allele, an allele without product.
 */
final class DoubtRules {
  private final double minorAlleleGain;

  DoubtRules(Ruleset ruleset) {
    minorAlleleGain = ruleset.get(Threshold.MINOR_ALLELE_GAIN_LN);
  }

  List<Flag> flags(LocusResult result, List<AlleleCall> alleles) {
    List<Flag> flags = new ArrayList<>();
    minorAllele(result).ifPresent(flags::add);
    alleles.forEach(allele -> nullNotExcluded(allele).ifPresent(flags::add));
    return flags;
  }

  /** A second allele that some pairs ask for, too few to call it. */
  private Optional<Flag> minorAllele(LocusResult result) {
    Genotype called = result.called();
    if (!called.isHomozygous()) {
      return Optional.empty();
    }
    LocusModel model = result.model();
    double alone = model.score(called.one(), called.one());
    double bestGain = minorAlleleGain;
    AlleleClass best = null;
    for (AlleleClass other : model.classes()) {
      double gain = other == called.one() ? 0 : model.score(called.one(), other) - alone;
      if (gain > bestGain) {
        bestGain = gain;
        best = other;
      }
    }
    return Optional.ofNullable(best).map(found -> minorAlleleFlag(model, found, called, alone));
  }

  private Flag minorAlleleFlag(LocusModel model, AlleleClass other, Genotype called, double alone) {
    String name = model.entry(other.representative()).name().text();
    double gain = model.score(called.one(), other) - alone;
    return new Flag(
        "minor_allele_suspected",
        "Some pairs ask for a second allele such as %s, too few to call it".formatted(name),
        Flag.evidenceOf("allele", name, "log_likelihood_gain", gain, "threshold", minorAlleleGain));
  }

  /** A null is excluded by reads of its defining site only. */
  private static Optional<Flag> nullNotExcluded(AlleleCall allele) {
    List<String> nulls =
        AlleleName.parse(allele.name()).isNull()
            ? List.of()
            : allele.ambiguities().stream().filter(n -> AlleleName.parse(n).isNull()).toList();
    if (nulls.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Flag(
            "null_not_excluded",
            "The reads do not tell %s from the null %s".formatted(allele.name(), nulls.get(0)),
            Flag.evidenceOf(
                "allele", allele.name(), "null_allele", nulls.get(0), "nulls", nulls.size())));
  }
}
