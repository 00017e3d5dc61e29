package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the typer found for one gene.
 *
 * @param model the gene's alleles and targets
 * @param search tells which alleles are as good as the called ones
 * @param ranked genotypes, the called one first; at least one
 * @param ofExons where introns told alleles apart, the result before that, which knows all alleles
 */
public record LocusResult(
    LocusModel model, GenotypeSearch search, List<Genotype> ranked, Optional<LocusResult> ofExons) {

  /** A result of all alleles of a gene. */
  LocusResult(LocusModel model, GenotypeSearch search, List<Genotype> ranked) {
    this(model, search, ranked, Optional.empty());
  }

  /** The genotype that is called. */
  public Genotype called() {
    return ranked.get(0);
  }

  /** The gene. */
  public String gene() {
    return model.table().locus();
  }

  /**
   * All genotypes that were weighed well, the called one first: with those that the exons exclude,
   * as much less likely than the called one as the exons say.
   */
  public List<Genotype> candidates() {
    if (ofExons.isEmpty()) {
      return ranked;
    }
    List<Genotype> all = new ArrayList<>(ranked.subList(1, ranked.size()));
    double more = called().logLikelihood() - ofExons.get().called().logLikelihood();
    for (Genotype genotype : ofExons.get().ranked()) {
      boolean isWeighed =
          genotype.classes().stream().allMatch(c -> model.knows(c.representative()));
      if (!isWeighed) {
        AlleleClass one = asCalled(genotype.one());
        AlleleClass two = genotype.isHomozygous() ? one : asCalled(genotype.two());
        all.add(new Genotype(one, two, genotype.logLikelihood() + more));
      }
    }
    all.sort(Comparator.comparingDouble(genotype -> -genotype.logLikelihood()));
    return Stream.concat(Stream.of(called()), all.stream()).toList();
  }

  /** The called class of which a class of the exons is, or the class itself. */
  private AlleleClass asCalled(AlleleClass ofGene) {
    return called().classes().stream()
        .filter(side -> IntStream.of(ofGene.members()).anyMatch(m -> m == side.representative()))
        .findFirst()
        .orElse(ofGene);
  }

  /** The options that a genotype takes in a target, or behind the targets in a stretch. */
  public OptionFits.Choice choice(Genotype genotype, int target) {
    TargetModel of = model.target(target);
    int one = genotype.one().set(target);
    return genotype.isHomozygous()
        ? of.chooseHomozygous(one)
        : of.choose(one, genotype.two().set(target));
  }
}
