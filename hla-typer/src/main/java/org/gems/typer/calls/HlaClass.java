package org.gems.typer.calls;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which loci are asked for. */
public enum HlaClass {
  ONE("1", "A B C"),
  TWO("2", "DRB1 DRB345 DQA1 DQB1 DPA1 DPB1"),
  ALL("all", ONE.loci + " " + TWO.loci);

  private final String word;
  private final String loci;

  HlaClass(String word, String loci) {
    this.word = word;
    this.loci = loci;
  }

  /** The word of the command line and of results. */
  public String word() {
    return word;
  }

  /** Loci in the order of results, DRB3, DRB4 and DRB5 as one. */
  public List<String> loci() {
    return List.of(loci.split(" ", -1));
  }

  /** The genes of a locus: {@code DRB345} stands for three. */
  public static List<String> genesOf(String locus) {
    return locus.equals("DRB345") ? List.of("DRB3", "DRB4", "DRB5") : List.of(locus);
  }

  /** The genes behind the loci. */
  public Set<String> genes() {
    Set<String> genes = new LinkedHashSet<>();
    for (String locus : loci()) {
      genes.addAll(genesOf(locus));
    }
    return genes;
  }
}
