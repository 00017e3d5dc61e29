package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes, and what a bad file leaves behind. */
final class BadInputTest {
  @TempDir private Path folder;

  private SyntheticWorld world;
  private Bench bench;

  @BeforeEach
  void makeAWorld() throws IOException {
    world = new SyntheticWorld(3).gene("A").allele("A*01:01:01:01");
    bench = new Bench(folder, world, "A");
  }

  @Test
  void aBadSampleLeavesTheOthersTypedAndSaysWhy() throws IOException {
    Path bad = folder.resolve("bad_R1.fastq.gz");
    Files.write(bad, Reads.gzip("@r\nACGT\n+\nIII\n"));
    bench
        .sheetLine("bad\t" + bad + "\t" + bad + "\n")
        .sample("good", new Reads(world, 1).allele("A*01:01:01:01", 40));
    assertEquals(3, bench.run("1"));
    assertTrue(Files.exists(bench.out().resolve("good/typing.json")));
    assertFalse(Files.exists(bench.out().resolve("bad/typing.json")));
    JsonNode error = new ObjectMapper().readTree(bench.out().resolve("bad/error.json").toFile());
    assertEquals("bad", error.get("sample").asText());
    assertEquals(bad.toString(), error.get("file").asText());
    assertEquals(4, error.get("line").asInt());
    assertEquals("4 qualities", error.get("expected").asText());
    assertEquals("3 qualities", error.get("found").asText());
  }

  @Test
  void anErrorTakesAnEarlierResultAway() throws IOException {
    bench.sample("s", new Reads(world, 1).allele("A*01:01:01:01", 40));
    assertEquals(0, bench.run("1"));
    Files.writeString(folder.resolve("s_R1.fastq.gz"), "");
    assertEquals(3, bench.run("1"));
    assertFalse(Files.exists(bench.out().resolve("s/typing.json")));
    assertTrue(Files.exists(bench.out().resolve("s/error.json")));
  }

  @Test
  void aLibraryFileOfOtherBytesIsRefused() throws IOException {
    bench.sample("s", new Reads(world, 1).allele("A*01:01:01:01", 4));
    Path file = bench.library().resolve("A.sequences.tsv");
    Files.writeString(file, Files.readString(file).replace("ACG", "ACT"));
    assertEquals(3, bench.run("1"));
  }

  @Test
  void aPanelWithoutItsHeaderIsRefused() throws IOException {
    bench.sample("s", new Reads(world, 1).allele("A*01:01:01:01", 4));
    Files.writeString(bench.panel(), "gene\tamplicon\n");
    assertEquals(3, bench.run("1"));
  }

  private JsonNode refused(byte[] r1, byte[] r2) throws IOException {
    Path first = folder.resolve("bad_R1.fastq.gz");
    Path second = folder.resolve("bad_R2.fastq.gz");
    Files.write(first, r1);
    Files.write(second, r2);
    return refused(first, second);
  }

  /** Types a bad sample beside a good one, which must be typed, and answers why it was refused. */
  private JsonNode refused(Path first, Path second) throws IOException {
    bench
        .sheetLine("bad\t%s\t%s\n".formatted(first, second))
        .sample("good", new Reads(world, 1).allele("A*01:01:01:01", 40));
    assertEquals(3, bench.run("1"));
    assertTrue(Files.exists(bench.out().resolve("good/typing.json")));
    assertFalse(Files.exists(bench.out().resolve("bad/typing.json")));
    assertFalse(Files.exists(bench.out().resolve("bad/unexplained.fasta")));
    return new ObjectMapper().readTree(bench.out().resolve("bad/error.json").toFile());
  }

  private byte[] readFile(String sample, int mate, Reads reads) throws IOException {
    reads.write(folder, sample);
    return Files.readAllBytes(folder.resolve("%s_R%d.fastq.gz".formatted(sample, mate)));
  }

  private Reads reads() {
    return new Reads(world, 5).allele("A*01:01:01:01", 40);
  }

  @Test
  void aFileCutShortIsRefusedWithTheOthersTyped() throws IOException {
    byte[] whole = readFile("whole", 1, reads());
    JsonNode error = refused(Arrays.copyOf(whole, whole.length / 2), readFile("whole", 2, reads()));
    assertEquals("a truncated gzip file", error.get("found").asText());
    assertTrue(error.get("line").asInt() > 0);
  }

  @Test
  void swappedFilesAreRefused() throws IOException {
    JsonNode error = refused(readFile("w", 2, reads()), readFile("w", 1, reads()));
    assertEquals("read 1 of a pair", error.get("expected").asText());
    assertEquals("read 2 of it", error.get("found").asText());
    assertEquals(1, error.get("line").asInt());
  }

  @Test
  void oneFileGivenTwiceIsRefused() throws IOException {
    readFile("w", 1, reads());
    Path only = folder.resolve("w_R1.fastq.gz");
    assertEquals("read 2 of a pair", refused(only, only).get("expected").asText());
  }

  @Test
  void oneFileGivenTwiceIsRefusedThoughItsNamesSayNothing() throws IOException {
    Path only = folder.resolve("plain.fastq");
    Files.writeString(only, "@a\nACGT\n+\nIIII\n");
    assertEquals("read 2 of a pair", refused(only, only).get("expected").asText());
  }

  @Test
  void theSecondFileOfAnotherSampleIsRefused() throws IOException {
    String fragment = world.amplicon("A*01:01:01:01", 2);
    Reads other = new Reads(world, 6).named("other").fragment(fragment, 80);
    JsonNode error = refused(readFile("w", 1, reads()), readFile("o", 2, other));
    assertTrue(error.get("expected").asText().startsWith("records with a mate in "));
    assertEquals(
        "160 of 160 without one, first read other:0 beside run:0", error.get("found").asText());
  }

  @Test
  void filesOfUnequalLengthAreRefused() throws IOException {
    Reads fewer = new Reads(world, 5).allele("A*01:01:01:01", 30);
    JsonNode error = refused(readFile("w", 1, reads()), readFile("f", 2, fewer));
    assertEquals("20 of 80 without one", error.get("found").asText());
    assertTrue(error.get("file").asText().endsWith("bad_R2.fastq.gz"));
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    assertEquals("an empty file", refused(new byte[0], new byte[0]).get("found").asText());
  }

  @Test
  void anEmptyGzipIsRefused() throws IOException {
    byte[] empty = Reads.gzip("");
    assertEquals("an empty file", refused(empty, empty).get("found").asText());
  }

  @Test
  void qualitiesOfTheOldScaleAreRefused() throws IOException {
    byte[] r1 = Reads.gzip("@a\nACGT\n+\nhhfh\n@b\nACGT\n+\nhhBh\n");
    JsonNode error = refused(r1, r1);
    assertEquals("qualities in Phred+33", error.get("expected").asText());
    assertTrue(error.get("found").asText().contains("Phred+64"));
  }

  @Test
  void longReadsAreRefusedByThatNameAlone() throws IOException {
    String bases = "ACGTTGCA".repeat(500);
    byte[] reads =
        Reads.gzip("@a\n%s\n+\n%s\n".formatted(bases, "5".repeat(bases.length())).repeat(3));
    JsonNode error = refused(reads, reads);
    assertTrue(error.get("message").asText().contains("long reads"), error.toString());
    assertTrue(error.get("found").asText().contains("4000 bases"), error.toString());
    assertFalse(error.get("internal_fault").asBoolean());
  }

  @Test
  void longReadsOfOneFileAreRefusedWithoutAPanelToo() throws IOException {
    Path file = folder.resolve("long.fastq");
    String bases = SyntheticWorld.strange(1, 1500);
    Files.writeString(file, "@a\n%s\n+\n%s\n".formatted(bases, "5".repeat(1500)).repeat(3));
    bench.panel(Path.of("none")).sheetLine("bad\t%s\t\n".formatted(file));
    assertEquals(3, bench.run("1"));
    JsonNode error = new ObjectMapper().readTree(bench.out().resolve("bad/error.json").toFile());
    assertTrue(error.get("message").asText().contains("long reads"), error.toString());
  }

  @Test
  void readsWhoseProgramGaveAllBasesOneQualityAreTyped() throws IOException {
    Path first = folder.resolve("w_R1.fastq.gz");
    Path second = folder.resolve("w_R2.fastq.gz");
    reads().write(folder, "w");
    for (Path file : new Path[] {first, second}) {
      try (InputStream stream = new GZIPInputStream(Files.newInputStream(file))) {
        String text = new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
        String constant = text.replaceAll("(?m)^[F5]+$", "~".repeat(150));
        assertTrue(constant.contains("~"));
        Files.write(file, Reads.gzip(constant));
      }
    }
    bench.sheetLine("w\t%s\t%s\n".formatted(first, second));
    assertEquals(0, bench.run("1"));
    assertEquals("A*01:01:01:01", bench.called("w", "A").get(0));
  }

  @Test
  void aFolderInPlaceOfAFileIsRefused() throws IOException {
    assertEquals("a readable FASTQ file", refused(folder, folder).get("expected").asText());
  }

  @Test
  void aMissingFileIsRefused() throws IOException {
    Path absent = folder.resolve("absent.fastq.gz");
    JsonNode error = refused(absent, absent);
    assertEquals(absent.toString(), error.get("file").asText());
    assertEquals("a readable FASTQ file", error.get("expected").asText());
  }

  @Test
  void binaryGarbageIsRefused() throws IOException {
    byte[] garbage = new byte[100_000];
    new Random(1).nextBytes(garbage);
    garbage[0] = 7;
    JsonNode error = refused(garbage, garbage);
    assertEquals("a read name after '@'", error.get("expected").asText());
    assertEquals(1, error.get("line").asInt());
  }

  @Test
  void aLineOfTenMegabytesIsRefused() throws IOException {
    byte[] line = Reads.gzip("@a\n" + "A".repeat(10_000_000) + "\n+\nI\n");
    JsonNode error = refused(line, line);
    assertEquals("more than 1 MiB without one", error.get("found").asText());
    assertEquals(2, error.get("line").asInt());
  }

  @Test
  void bytesAfterTheCompressedDataAreRefused() throws IOException {
    byte[] whole = readFile("w", 1, reads());
    byte[] longer = Arrays.copyOf(whole, whole.length + 5);
    longer[whole.length] = 'x';
    assertEquals("gzip data", refused(longer, readFile("w", 2, reads())).get("expected").asText());
  }

  @Test
  void readsOfAnotherKitAreRefusedWithTheirNumber() throws IOException {
    Reads other = new Reads(world, 5).fragment(world.bases("A*01:01:01:01", "exon1", "exon2"), 150);
    JsonNode error = refused(readFile("w", 1, other), readFile("w", 2, other));
    assertEquals("0 of 150", error.get("found").asText());
    assertTrue(error.get("message").asText().contains("--panel none"));
  }

  @Test
  void genesWithEnoughPairsAreTypedHoweverManyPairsOfAnotherKitLieBesideThem() throws IOException {
    String foreign = world.bases("A*01:01:01:01", "exon1", "exon2");
    assertEquals(0, bench.sample("s", reads().fragment(foreign, 30_000)).run("1"));
    assertEquals("A*01:01:01:01", bench.called("s", "A").get(0));
  }

  @Test
  void readsOfUnknownBasesAloneAreRefused() throws IOException {
    Reads unknown = new Reads(world, 5).fragment("N".repeat(200), 30);
    JsonNode error = refused(readFile("w", 1, unknown), readFile("w", 2, unknown));
    assertEquals("0 of 30", error.get("found").asText());
  }

  @Test
  void readsOfOneBaseAreRefusedAsReadsWithoutPrimers() throws IOException {
    Reads tiny = new Reads(world, 5).fragment("A", 30);
    JsonNode error = refused(readFile("w", 1, tiny), readFile("w", 2, tiny));
    assertEquals("0 of 30", error.get("found").asText());
  }

  @Test
  void unknownAndShortReadsBesideGoodOnesAreCountedAndHarmless() throws IOException {
    Reads mixed = reads().fragment("N".repeat(200), 20).fragment("A", 20);
    assertEquals(0, bench.sample("s", mixed).run("1"));
    assertEquals("A*01:01:01:01", bench.called("s", "A").get(0));
    assertEquals(40, bench.lost("s", "no_primer"));
  }

  @Test
  void windowsLineEndsLowerCaseAndASheetWithoutItsLastLineEndAreTyped() throws IOException {
    reads().write(folder, "w");
    for (int mate = 1; mate <= 2; mate++) {
      Path file = folder.resolve("w_R%d.fastq.gz".formatted(mate));
      String text;
      try (InputStream stream = new GZIPInputStream(Files.newInputStream(file))) {
        text = new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
      }
      String[] lines = text.split("\n", -1);
      for (int i = 1; i < lines.length; i += 4) {
        lines[i] = lines[i].toLowerCase(Locale.ROOT);
      }
      Files.writeString(
          folder.resolve("dos_R%d.fastq".formatted(mate)), String.join("\r\n", lines));
    }
    bench.sheetLine(
        "s\t%s\t%s\r".formatted(folder.resolve("dos_R1.fastq"), folder.resolve("dos_R2.fastq")));
    assertEquals(0, bench.run("1"));
    assertEquals("A*01:01:01:01", bench.called("s", "A").get(0));
  }

  @Test
  void aPanelWhosePrimersLieNowhereInTheLibraryIsRefused() throws IOException {
    SyntheticWorld other = new SyntheticWorld(99).gene("A").allele("A*01:01:01:01");
    bench.panel(other.writePanel(folder.resolve("other.tsv"), "A"));
    bench.sample("s", new Reads(other, 1).allele("A*01:01:01:01", 40));
    assertEquals(3, bench.run("1"));
    assertFalse(Files.exists(bench.out().resolve("s")));
  }

  @Test
  void aLibraryWhoseManifestNamesAnotherReleasesFilesIsRefused() throws IOException {
    bench.sample("s", reads());
    Path manifest = bench.library().resolve("library.json");
    SyntheticWorld other = new SyntheticWorld(99).gene("A").allele("A*01:01:01:01");
    Path release = other.writeLibrary(folder.resolve("other"));
    Files.copy(release.resolve("library.json"), manifest, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(3, bench.run("1"));
  }

  @Test
  void aLibraryWithoutOneOfItsFilesIsRefused() throws IOException {
    bench.sample("s", reads());
    Files.delete(bench.library().resolve("A.alleles.tsv"));
    assertEquals(3, bench.run("1"));
  }

  @Test
  void aManifestCutShortIsRefused() throws IOException {
    bench.sample("s", reads());
    Path manifest = bench.library().resolve("library.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.substring(0, text.length() / 2));
    assertEquals(3, bench.run("1"));
  }

  @Test
  void aSheetWithAPathThatIsNoneIsRefused() throws IOException {
    assertEquals(3, bench.sheetLine("s\ta\0b\tc\n").run("1"));
  }

  @Test
  void aSheetThatNamesASampleTwiceIsRefused() throws IOException {
    bench.sheetLine("s\ta\tb\n").sheetLine("s\ta\tb\n");
    assertEquals(3, bench.run("1"));
  }

  @Test
  void aWrongClassIsAUsageError() throws IOException {
    bench.sample("s", new Reads(world, 1).allele("A*01:01:01:01", 4));
    assertEquals(2, bench.run("3"));
  }

  @Test
  void noThreadsIsAUsageError() throws IOException {
    bench.sample("s", new Reads(world, 1).allele("A*01:01:01:01", 4));
    assertEquals(2, bench.run("1", "--threads=0"));
  }

  @Test
  void aMissingSubcommandIsAUsageError() {
    assertEquals(2, Main.execute());
  }

  @Test
  void helpAndVersionAreNoErrors() {
    assertEquals(0, Main.execute("--version"));
    assertEquals(0, Main.execute("type", "--help"));
  }
}
