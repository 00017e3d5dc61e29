package org.gems.typer.testing;

import java.util.List;

/** Worlds that many tests share; each call makes one of its own, to which alleles may be added. */
public final class Worlds {
  private Worlds() {}

  /** Gene A with a reference allele and two that differ from it in one base of each exon. */
  public static SyntheticWorld geneA() {
    return new SyntheticWorld(7)
        .gene("A")
        .allele("A*01:01:01:01")
        .allele("A*02:01:01:01", "exon1:30", "exon2:50")
        .allele("A*03:01:01:01", "exon1:70", "exon2:90");
  }

  /** Genes A, B and C of five alleles each, the same changes in each gene. */
  public static SyntheticWorld threeGenes() {
    SyntheticWorld world = new SyntheticWorld(17);
    for (String gene : List.of("A", "B", "C")) {
      world
          .gene(gene)
          .allele(gene + "*01:01")
          .allele(gene + "*02:01", "exon1:30", "exon2:50")
          .allele(gene + "*03:01", "exon1:70", "exon2:90")
          .allele(gene + "*04:01", "exon1:100", "exon1:120", "exon2:20", "exon2:110")
          .allele(gene + "*05:01", "exon1:60", "exon1:110", "exon2:30", "exon2:120");
    }
    return world;
  }

  /** DRB1, the like DRB3 and DRB4, and DQB1. */
  public static SyntheticWorld drAndDq() {
    return new SyntheticWorld(23)
        .gene("DRB1")
        .allele("DRB1*01:01")
        .allele("DRB1*03:01", "exon1:30", "exon2:50")
        .allele("DRB1*07:01", "exon1:70", "exon2:90")
        .geneLike("DRB3", "DRB1", 17)
        .allele("DRB3*01:01")
        .allele("DRB3*02:02", "exon1:31", "exon2:45")
        .geneLike("DRB4", "DRB1", 19)
        .allele("DRB4*01:03")
        .gene("DQB1")
        .allele("DQB1*02:01")
        .allele("DQB1*05:01", "exon1:40", "exon2:60")
        .allele("DQB1*06:02", "exon1:50", "exon2:70");
  }
}
