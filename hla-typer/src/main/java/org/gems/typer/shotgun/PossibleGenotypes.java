package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.gems.typer.calls.GenotypeList;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Lists the genotypes that scattered reads cannot exclude. */
final class PossibleGenotypes {
  private final double margin;
  private final int maximum;

  PossibleGenotypes(Ruleset ruleset) {
    margin = ruleset.get(Threshold.GENOTYPE_MARGIN_LN);
    maximum = ruleset.count(Threshold.GENOTYPES_LISTED);
  }

  GenotypeList list(GeneResult result) {
    double least = result.search().ofReads(result.called()) - margin;
    List<GroupPair> possible =
        result.ranked().stream()
            .filter(g -> g.equals(result.called()) || result.search().ofReads(g) >= least)
            .toList();
    List<GroupPair> listed = possible.subList(0, Math.min(maximum, possible.size()));
    String text =
        listed.stream()
            .map(g -> names(result, g.one()) + "+" + names(result, g.two()))
            .collect(Collectors.joining("|"));
    boolean isCut = possible.size() > listed.size() || possible.size() == result.ranked().size();
    return new GenotypeList(text, listed.size(), isCut && possible.size() > 1, List.of());
  }

  private static String names(GeneResult result, int group) {
    return Arrays.stream(result.group(group).members())
        .mapToObj(result::name)
        .collect(Collectors.joining("/"));
  }
}
