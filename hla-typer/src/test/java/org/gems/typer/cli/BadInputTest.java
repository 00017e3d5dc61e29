package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
