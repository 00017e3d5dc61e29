package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;

/**
 * What the reads cannot exclude: for each called allele the names that it may have, the other one
 * being as it is, and the genotypes that these do not hold.
 */
final class PossibleGenotypes {
  private final LocusResult result;
  private final List<List<Integer>> alleles = new ArrayList<>();
  private final List<Genotype> others;

  /** Finds them for a typed gene. */
  PossibleGenotypes(LocusResult result) {
    this.result = result;
    for (AlleleClass side : result.called().classes()) {
      alleles.add(result.search().ambiguities(result.called(), side));
    }
    this.others =
        result.ranked().stream()
            .skip(1)
            .filter(g -> result.search().isPossible(result.called(), g.one(), g.two()))
            .filter(g -> !isHeld(g.one(), g.two()) && !isHeld(g.two(), g.one()))
            .toList();
  }

  /** Whether each class of a pair could take the place of a called one without the other. */
  private boolean isHeld(AlleleClass one, AlleleClass two) {
    Genotype called = result.called();
    boolean isOne = one == called.one() || isAmbiguous(one, called.two());
    boolean isTwo = two == called.two() || isAmbiguous(called.one(), two);
    return isOne && isTwo;
  }

  private boolean isAmbiguous(AlleleClass one, AlleleClass two) {
    Genotype called = result.called();
    AlleleClass candidate = one == called.one() ? two : one;
    return called.isHomozygous()
        ? result.search().isPossible(called, candidate, candidate)
        : one != two && result.search().isPossible(called, one, two);
  }

  /** The names of a side's allele, the called one first; both sides of one allele are the same. */
  List<String> ambiguities(int side) {
    return alleles(side).stream().map(a -> result.model().entry(a).name().text()).toList();
  }

  /** The same by their index in the gene. */
  List<Integer> alleles(int side) {
    return alleles.get(Math.min(side, alleles.size() - 1));
  }

  /** Genotypes that the ambiguities do not hold, best first. */
  List<Genotype> others() {
    return others;
  }

  /** All names of all genotypes that the reads cannot exclude. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (int side = 0; side < alleles.size(); side++) {
      names.addAll(ambiguities(side));
    }
    for (Genotype other : others) {
      for (AlleleClass allele : other.classes()) {
        names.addAll(names(result.model(), allele));
      }
    }
    return names;
  }

  /** The names of all alleles of a class. */
  static List<String> names(LocusModel model, AlleleClass allele) {
    return Arrays.stream(allele.members()).mapToObj(a -> model.entry(a).name().text()).toList();
  }
}
