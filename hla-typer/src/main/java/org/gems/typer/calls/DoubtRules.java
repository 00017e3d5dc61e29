package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.library.AlleleName;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * What the reads leave possible beside the call: a weak second allele, an allele without product,
 * another pair, or pairs that neither called allele explains.
 */
final class DoubtRules {
  private final double minorAlleleGain;
  private final StrayRule strays;

  DoubtRules(Ruleset ruleset) {
    minorAlleleGain = ruleset.get(Threshold.MINOR_ALLELE_GAIN_LN);
    strays = StrayRule.ofOne(ruleset);
  }

  List<Flag> flags(CalledGene gene, PossibleGenotypes possible) {
    List<Flag> flags = new ArrayList<>();
    gene.result().ofExons().flatMap(this::minorAllele).ifPresent(flags::add);
    if (flags.isEmpty()) {
      minorAllele(gene.result()).ifPresent(flags::add);
    }
    nulls(gene.result(), possible).ifPresent(flags::add);
    otherPairs(gene.result(), possible).ifPresent(flags::add);
    gene.targets().forEach(target -> strays.flag(gene.gene(), target).ifPresent(flags::add));
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
    if (best == null) {
      return Optional.empty();
    }
    return Optional.of(
        Flag.of(
            FlagCode.MINOR_ALLELE_SUSPECTED,
            "Some pairs point to a second allele such as %s, but too few to call it"
                .formatted(model.name(best)),
            "allele",
            model.name(best),
            "log_likelihood_gain",
            bestGain,
            "threshold",
            minorAlleleGain));
  }

  /** A null is excluded by reads of its defining site only; one that is called is not in doubt. */
  private Optional<Flag> nulls(LocusResult result, PossibleGenotypes possible) {
    Set<String> nulls = new LinkedHashSet<>();
    for (String name : possible.names()) {
      if (AlleleName.parse(name).isNull()) {
        nulls.add(name);
      }
    }
    result.called().classes().forEach(side -> nulls.remove(result.model().name(side)));
    if (nulls.isEmpty()) {
      return Optional.empty();
    }
    String first = nulls.iterator().next();
    String others = nulls.size() == 1 ? "" : " nor %d more".formatted(nulls.size() - 1);
    return Optional.of(
        Flag.of(
            FlagCode.NULL_NOT_EXCLUDED,
            "The reads do not exclude the null allele %s%s".formatted(first, others),
            "null_allele",
            first,
            "nulls",
            nulls.size()));
  }

  /** Two quite different alleles may explain the reads alike: their phase is not seen. */
  private Optional<Flag> otherPairs(LocusResult result, PossibleGenotypes possible) {
    Genotype called = result.called();
    Set<String> proteins = new HashSet<>();
    for (int side = 0; side < called.classes().size(); side++) {
      for (String name : possible.ambiguities(side)) {
        proteins.add(AlleleName.parse(name).twoFields());
      }
    }
    List<Genotype> others =
        possible.others().stream()
            .filter(other -> other.classes().stream().noneMatch(called.classes()::contains))
            .filter(other -> !other.classes().stream().allMatch(c -> isAmong(result, c, proteins)))
            .toList();
    if (others.isEmpty()) {
      return Optional.empty();
    }
    Genotype other = others.get(0);
    String names =
        String.join(" + ", other.classes().stream().map(c -> result.model().name(c)).toList());
    return Optional.of(
        Flag.of(
            FlagCode.OTHER_PAIR_AS_LIKELY,
            "The reads fit " + names + " about as well",
            "alleles",
            names,
            "log_likelihood_gap",
            result.search().gap(called, other.one(), other.two()),
            "pairs",
            others.size()));
  }

  private static boolean isAmong(LocusResult result, AlleleClass allele, Set<String> proteins) {
    return proteins.contains(AlleleName.parse(result.model().name(allele)).twoFields());
  }
}
