package org.gems.typer.calls;

import java.util.Arrays;
import java.util.List;

/**
 * Every genotype of a locus that the reads cannot exclude.
 *
 * @param glString a GL String: {@code |} between genotypes, {@code +} between copies, {@code /}
 *     between alleles
 * @param listed how many genotypes it lists, groups of alleles that the reads cannot tell apart
 *     counted once
 * @param isCut whether there are more
 * @param deciding bases in which the first two candidates differ
 */
public record GenotypeList(String glString, int listed, boolean isCut, List<Deciding> deciding) {
  /** Of a locus without a call. */
  public static final GenotypeList NONE = new GenotypeList("", 0, false, List.of());

  /**
   * A base that tells two candidates apart.
   *
   * @param gene whose feature it is
   * @param column of the feature's alignment, 1-based
   * @param position 1-based in the first candidate's allele
   * @param first the base of the first candidate's allele, {@code .} a gap, {@code ?} unknown
   * @param second the same of the second candidate's
   */
  public record Deciding(
      String gene, String feature, int column, int position, String first, String second) {}

  /** This gene's genotypes beside those of another, on the other chromosome. */
  GenotypeList beside(GenotypeList other) {
    if (listed == 0 || other.listed == 0) {
      return listed == 0 ? other : this;
    }
    StringBuilder joined = new StringBuilder();
    for (String one : glString.split("\\|", -1)) {
      for (String two : other.glString.split("\\|", -1)) {
        joined
            .append(joined.length() == 0 ? "" : "|")
            .append(copy(one))
            .append('+')
            .append(copy(two));
      }
    }
    List<Deciding> bases = new java.util.ArrayList<>(deciding);
    bases.addAll(other.deciding);
    return new GenotypeList(
        joined.toString(), listed * other.listed, isCut || other.isCut, List.copyOf(bases));
  }

  /** The genotypes of one copy of the gene; those of two alleles are none. */
  GenotypeList ofOneCopy() {
    List<String> single =
        Arrays.stream(glString.split("\\|", -1))
            .filter(GenotypeList::isTwice)
            .map(GenotypeList::copy)
            .toList();
    return new GenotypeList(String.join("|", single), single.size(), isCut, deciding);
  }

  private static boolean isTwice(String genotype) {
    String copy = copy(genotype);
    return genotype.equals(copy + "+" + copy);
  }

  /** The one copy of a gene that stands on one chromosome only. */
  private static String copy(String genotype) {
    int plus = genotype.indexOf('+');
    return plus < 0 ? genotype : genotype.substring(0, plus);
  }
}
