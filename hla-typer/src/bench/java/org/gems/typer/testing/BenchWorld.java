package org.gems.typer.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.CatalogIndex;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.panel.Panel;
import org.gems.typer.reads.SampleSheet;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;

/**
 * A made-up library for benchmarks, and a sample. A gene's alleles fall into families: those of one
 * differ from each other in one base to three, and from another family's in about twenty, as HLA
 * alleles do.
 */
public final class BenchWorld implements AutoCloseable {
  private static final List<String> GENES = List.of("A", "B", "C", "DRB1");
  private static final int FAMILIES = 20;
  private static final int FAMILY_CHANGES = 10;
  private static final int EXON_BP = 140;

  private final Ruleset ruleset = Ruleset.builtIn();
  private final Random random = new Random(20);
  private final Path folder;
  private final Catalog catalog;
  private final Sample sample;

  /**
   * A world.
   *
   * @param alleles of each of four genes
   * @param pairs about so many of the sample, in the order of a flow cell, that is in none
   */
  public BenchWorld(int alleles, int pairs) throws IOException {
    folder = Files.createTempDirectory("gems-bench");
    SyntheticWorld world = new SyntheticWorld(20);
    for (String gene : GENES) {
      world.gene(gene);
      addAlleles(world, gene, alleles);
    }
    Path panel = world.writePanel(folder.resolve("panel.tsv"), GENES.toArray(String[]::new));
    LibraryReader library = new LibraryReader(world.writeLibrary(folder.resolve("library")));
    catalog =
        new CatalogIndex(library, Panel.read(panel), ruleset, Optional.of("benchmark"))
            .open(Set.copyOf(GENES))
            .catalog();
    sample = write(world, alleles, pairs);
  }

  private void addAlleles(SyntheticWorld world, String gene, int alleles) {
    List<List<String>> families = new ArrayList<>();
    for (int family = 0; family < FAMILIES; family++) {
      families.add(changes(FAMILY_CHANGES));
    }
    for (int allele = 0; allele < alleles; allele++) {
      List<String> changes = new ArrayList<>(families.get(allele % FAMILIES));
      changes.addAll(changes(1 + random.nextInt(3)));
      world.allele(name(gene, allele), changes.toArray(String[]::new));
    }
  }

  private static String name(String gene, int allele) {
    return "%s*%02d:%02d".formatted(gene, 1 + allele % FAMILIES, 1 + allele / FAMILIES);
  }

  private List<String> changes(int count) {
    return Stream.generate(
            () -> "exon%d:%d".formatted(1 + random.nextInt(2), random.nextInt(EXON_BP)))
        .limit(count)
        .toList();
  }

  private Sample write(SyntheticWorld world, int alleles, int pairs) throws IOException {
    Reads reads = new Reads(world, 21);
    for (int round = 0; round < pairs / (4 * GENES.size()); round++) {
      for (String gene : GENES) {
        reads.allele(name(gene, alleles / 3), 1).allele(name(gene, alleles / 2), 1);
      }
    }
    String line = reads.write(folder, "bench");
    Path sheet = Files.writeString(folder.resolve("sheet.tsv"), "sample\tr1\tr2\n" + line);
    return SampleSheet.read(sheet).samples().get(0);
  }

  /** What the library's alleles may have between the panel's primers. */
  public Catalog catalog() {
    return catalog;
  }

  /** The thresholds that the typer carries. */
  public Ruleset ruleset() {
    return ruleset;
  }

  /** A person with two alleles of every gene. */
  public Sample sample() {
    return sample;
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
