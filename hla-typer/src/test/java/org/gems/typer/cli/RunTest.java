package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.Versions;
import org.gems.typer.reads.SampleSheet;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a fault of ours in one sample does to the run: as little as can be. */
final class RunTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  /** Types every sample in no time, but for those whose names say what happens to them. */
  private static final class FakeEngine implements Engine {
    private final Set<String> typed = new ConcurrentSkipListSet<>();
    private final Set<String> compared = new ConcurrentSkipListSet<>();
    private final CountDownLatch slowHasBegun = new CountDownLatch(1);
    private volatile boolean slowHasEnded;

    @Override
    public int type(Sample sample, ResultFolder results, Versions versions) throws IOException {
      switch (sample.name()) {
        case "slow" -> {
          slowHasBegun.countDown();
          long until = System.nanoTime() + 200_000_000;
          while (System.nanoTime() < until) {
            Thread.onSpinWait(); // nobody can interrupt it
          }
          slowHasEnded = true;
          return 7;
        }
        case "hungry beside slow" -> {
          while (slowHasBegun.getCount() > 0) {
            Thread.onSpinWait();
          }
          throw new OutOfMemoryError("Java heap space");
        }
        case "broken" -> throw new IllegalStateException("a base that is none\n\tat a line of it");
        case "hungry" -> throw new IllegalStateException(new OutOfMemoryError("Java heap space"));
        default -> {
          results.writeTyping(JsonNodeFactory.instance.objectNode(), List.of());
          typed.add(sample.name());
          return 7;
        }
      }
    }

    @Override
    public Set<String> compared() {
      return typed;
    }

    @Override
    public void compare(String sample, ResultFolder results) {
      if (sample.equals("incomparable")) {
        throw new IllegalArgumentException("two of one");
      }
      compared.add(sample);
    }

    @Override
    public String panelSha256() {
      return "";
    }

    @Override
    public String primerMaskVersion() {
      return "";
    }
  }

  private final FakeEngine engine = new FakeEngine();

  private Outcome type(String... samples) throws InterruptedException {
    Versions versions = new Versions("", "", "", "", "", "", "", "");
    Progress progress = new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));
    List<Sample> sheet =
        Stream.of(samples).map(name -> new Sample(name, Path.of("r1"), Optional.empty())).toList();
    return new Run(engine, versions, folder, progress).type(new SampleSheet(sheet), 2);
  }

  private JsonNode error(String sample) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(sample + "/error.json").toFile());
  }

  @Test
  void aFaultInOneSampleLeavesTheOthersTypedAndCompared() throws Exception {
    assertEquals(70, type("one", "broken", "two").exitCode());
    assertEquals(Set.of("one", "two"), engine.compared);
    assertTrue(Files.exists(folder.resolve("two/typing.json")));
    assertFalse(Files.exists(folder.resolve("broken/typing.json")));
    String progress = said.toString(StandardCharsets.UTF_8);
    assertTrue(progress.contains("{\"event\":\"failed\",\"sample\":\"broken\""), progress);
    assertTrue(progress.endsWith("{\"event\":\"finished\",\"typed\":2,\"failed\":1}\n"), progress);
  }

  @Test
  void aFaultsErrorSaysWhatToDoAndCarriesNoStackTrace() throws Exception {
    type("broken");
    String message = error("broken").get("message").asText();
    assertTrue(message.contains("a base that is none"), message);
    assertTrue(message.contains("type the sample again"), message);
    assertFalse(message.contains("\tat "), message);
    assertTrue(error("broken").get("internal_fault").asBoolean());
  }

  @Test
  void aSampleThatCannotBeComparedIsFailedAndTheOthersAreCompared() throws Exception {
    assertEquals(70, type("a", "incomparable", "z").exitCode());
    assertEquals(Set.of("a", "z"), engine.compared);
    assertTrue(error("incomparable").get("internal_fault").asBoolean());
    assertFalse(Files.exists(folder.resolve("incomparable/typing.json")));
  }

  @Test
  void wantOfMemoryEndsTheRunThoughASharedThreadMetIt() {
    assertThrows(OutOfMemoryError.class, () -> type("hungry", "one"));
    assertFalse(Files.exists(folder.resolve("hungry/error.json")));
  }

  @Test
  void noSampleIsAtWorkOnceTheRunHasEnded() {
    assertThrows(OutOfMemoryError.class, () -> type("slow", "hungry beside slow"));
    assertTrue(engine.slowHasEnded);
  }

  @Test
  void wantOfMemoryIsSaidWithItsRepairAndWithoutAStackTrace() {
    StringWriter complaint = new StringWriter();
    CommandLine command = new CommandLine(new Main()).setErr(new PrintWriter(complaint, true));
    Exception fault = new IllegalStateException(new OutOfMemoryError("Java heap space"));
    assertEquals(70, Main.explain(fault, command, null));
    assertTrue(complaint.toString().contains("-Xmx"), complaint.toString());
    assertEquals(1, complaint.toString().lines().count());
  }

  @Test
  void anOutputFolderThatTakesNoFilesOfOneSampleLosesNoOther() throws IOException {
    SyntheticWorld world = new SyntheticWorld(3).gene("A").allele("A*01:01:01:01");
    Bench bench = new Bench(folder, world, "A");
    for (String sample : List.of("a", "b", "c")) {
      bench.sample(sample, new Reads(world, 1).allele("A*01:01:01:01", 40));
    }
    Files.createDirectories(bench.out());
    Files.writeString(bench.out().resolve("b"), "a file where the folder would be");
    assertEquals(70, bench.run("1"));
    assertEquals("A*01:01:01:01", bench.called("a", "A").get(0));
    assertEquals("A*01:01:01:01", bench.called("c", "A").get(0));
  }

  @Test
  void badInputIsNoFaultOfOurs() throws IOException {
    SyntheticWorld world = new SyntheticWorld(3).gene("A").allele("A*01:01:01:01");
    Bench bench = new Bench(folder, world, "A").sheetLine("bad\tnone\tnone\n");
    assertEquals(3, bench.run("1"));
    JsonNode error = new ObjectMapper().readTree(bench.out().resolve("bad/error.json").toFile());
    assertFalse(error.get("internal_fault").asBoolean());
  }
}
