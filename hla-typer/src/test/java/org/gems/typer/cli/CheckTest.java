package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A library proves itself: its alleles, as perfect reads, are typed as themselves. */
final class CheckTest {
  @TempDir private Path folder;

  /** Alleles that are stated in full, in part, nulls, deleted, and equal between the primers. */
  private static SyntheticWorld world() {
    SyntheticWorld world =
        new SyntheticWorld(7)
            .gene("A")
            .allele("A*01:01:01:01")
            .allele("A*01:01:01:02", "5UTR:5")
            .allele("A*01:01:02:01N", "3UTR:110")
            .allele("A*02:01:01:01", "exon1:30", "exon2:50")
            .allele("A*02:02", "exon1:31", "5UTR:*", "intron1:*", "3UTR:*")
            .allele("A*02:03", "exon1:32", "exon2:*", "intron1:*", "3UTR:*")
            .allele("A*02:04", "exon1:33", "exon2:-")
            .allele("A*03:01:01:01", "exon1:70", "exon2:90")
            .gene("B")
            .allele("B*07:02:01:01");
    for (int i = 0; i < 20; i++) {
      world.allele("B*08:" + (10 + i), "exon1:" + (20 + 3 * i), "exon2:" + (30 + 2 * i));
    }
    return world
        .geneLike("DRB1", "A", 15)
        .allele("DRB1*01:01:01:01")
        .geneLike("DRB3", "DRB1", 12)
        .allele("DRB3*01:01:02:01");
  }

  /** What a check prints. */
  private record Printed(int exitCode, String text) {}

  private Printed checked(SyntheticWorld world, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "check",
                "--library=" + world.writeLibrary(folder.resolve("library")),
                "--panel="
                    + world.writePanel(folder.resolve("panel.tsv"), "A", "B", "DRB1", "DRB3")));
    arguments.addAll(List.of(more));
    if (arguments.stream().noneMatch(argument -> argument.startsWith("--read-length"))) {
      arguments.add("--read-length=150");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      int exitCode = Main.execute(arguments.toArray(String[]::new));
      return new Printed(exitCode, bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void everyAlleleOfASoundReleaseIsTypedAsItself() throws IOException {
    Printed printed = checked(world());
    assertEquals(0, printed.exitCode(), printed.text());
    assertTrue(printed.text().contains("A: 8 alleles"), printed.text());
    assertTrue(printed.text().contains("DRB3: 1 alleles"), printed.text());
    assertTrue(printed.text().endsWith("proved\n"), printed.text());
  }

  @ParameterizedTest
  @CsvSource({"80, 39, 100", "80, 39, 150", "85, 34, 150", "95, 25, 150", "95, 25, 250"})
  void allelesWithNextToNothingBetweenTwoPrimersProveThemselvesByTheOtherAmplicon(
      int from, int to, int readBp) throws IOException {
    String deleted = "5UTR:%d-119".formatted(from);
    String andIntron = "intron1:0-%d".formatted(to);
    SyntheticWorld world =
        world()
            .allele("B*07:77N", deleted, "exon1:0-149", andIntron)
            .allele("B*07:78N", deleted, "exon1:0-149", andIntron, "exon2:17")
            .allele("B*07:79", "exon2:17")
            .allele("B*08:77N", deleted, "exon1:0-149", andIntron, "exon2:30");
    Printed printed = checked(world, "--locus=B", "--read-length=" + readBp);
    assertEquals(0, printed.exitCode(), printed.text());
    assertTrue(printed.text().endsWith("proved\n"), printed.text());
  }

  @Test
  void allelesThatAreOneBetweenThePrimersAreTypedOnce() throws IOException {
    Printed printed = checked(world(), "--locus=A");
    assertTrue(printed.text().contains("8 checked as 6 sequences"), printed.text());
  }

  @Test
  void aSampleIsDrawnFromEachGeneAndTheSeedDecidesWhich() throws IOException {
    Printed printed = checked(world(), "--sample=5", "--seed=3", "--threads=2");
    assertEquals(0, printed.exitCode(), printed.text());
    assertTrue(printed.text().contains("B: 21 alleles"), printed.text());
    assertTrue(printed.text().contains("5 checked as 5 sequences"), printed.text());
  }

  @Test
  void anAlleleThatIsNotTypedAsItselfIsNamedWithTheReason() throws IOException {
    Path ruleset = folder.resolve("ruleset.json");
    String text = Files.readString(Path.of("src/main/resources/org/gems/typer/ruleset-1.json"));
    String strict = text.replaceAll("(\"support_minimum_pairs\": \\{\\s*\"value\": )2", "$1 1000");
    assertTrue(strict.contains(" 1000"));
    Files.writeString(ruleset, strict);
    Printed printed = checked(world(), "--locus=B", "--ruleset=" + ruleset);
    assertEquals(1, printed.exitCode(), printed.text());
    assertTrue(printed.text().contains("  B*07:02:01:01: no call"), printed.text());
    assertTrue(printed.text().endsWith("21 findings\n"), printed.text());
  }

  @Test
  void aGeneThatThePanelLacksIsBadInput() throws IOException {
    assertEquals(3, checked(world(), "--locus=C").exitCode());
  }

  @Test
  void readsOfNoLengthAreAUsageError() throws IOException {
    assertEquals(2, checked(world(), "--read-length=0").exitCode());
  }

  @Test
  void aNameWithAnotherBaseBetweenThePrimersIsAFinding() throws IOException {
    Path ruleset = folder.resolve("ruleset.json");
    String text = Files.readString(Path.of("src/main/resources/org/gems/typer/ruleset-1.json"));
    String loose = text.replaceAll("(\"genotype_margin_ln\": \\{\\s*\"value\": )4.6", "$1 10000");
    assertTrue(loose.contains(" 10000"));
    Files.writeString(ruleset, loose);
    Printed printed = checked(world(), "--locus=A", "--ruleset=" + ruleset);
    assertEquals(1, printed.exitCode(), printed.text());
    assertTrue(printed.text().contains("is listed, which differs in Exon 1"), printed.text());
  }
}
