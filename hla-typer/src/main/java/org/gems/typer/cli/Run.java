package org.gems.typer.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.SampleError;
import org.gems.typer.output.Versions;
import org.gems.typer.panel.NoPanel;
import org.gems.typer.reads.SampleSheet;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;

/**
 * Types the samples of a sheet, one thread a sample. What ends one sample, its input or a fault of
 * ours, leaves the others alone; only an {@link Error}, such as want of memory, ends the run.
 */
final class Run {
  /** What samples in work get to come to an end when another one ends the run. */
  private static final long ENDING_SECONDS = 10;

  private final Engine engine;
  private final Versions versions;
  private final Path out;
  private final Progress progress;
  private volatile boolean isEnding;

  /** A run of an engine that writes to a folder. */
  Run(Engine engine, Versions versions, Path out, Progress progress) {
    this.engine = engine;
    this.versions = versions;
    this.out = out;
    this.progress = progress;
  }

  /** Loads the library and the panel, which all samples share. */
  static Run open(
      Path library,
      Path panelPath,
      Ruleset ruleset,
      HlaClass hlaClass,
      Path out,
      Progress progress) {
    long start = System.nanoTime();
    LibraryReader reader = new LibraryReader(library);
    Optional<String> jarSha256 = BuildInfo.jarSha256();
    Engine engine =
        NoPanel.isMeant(panelPath)
            ? new ShotgunEngine(reader, ruleset, hlaClass)
            : new AmpliconEngine(reader, panelPath, ruleset, hlaClass, jarSha256);
    BuildInfo build = BuildInfo.load();
    Versions versions =
        new Versions(
            build.version(),
            build.commit(),
            jarSha256.orElse("unknown"),
            reader.manifest().release(),
            reader.manifest().sha256(),
            engine.panelSha256(),
            engine.primerMaskVersion(),
            ruleset.version());
    progress.library(reader.manifest().release(), secondsSince(start), engine.index());
    return new Run(engine, versions, out, progress);
  }

  /** Types every sample, then compares them, and answers how the worst of them ended. */
  Outcome type(SampleSheet sheet, int threads) throws InterruptedException {
    Map<String, Outcome> outcomes = typeAll(sheet, threads);
    for (String sample : engine.compared()) {
      Outcome compared = attempt(sample, folder -> engine.compare(sample, folder));
      outcomes.merge(sample, compared, Outcome::orWorse);
    }
    int typed = (int) outcomes.values().stream().filter(Outcome.TYPED::equals).count();
    progress.finished(typed, outcomes.size() - typed);
    return outcomes.values().stream().reduce(Outcome.TYPED, Outcome::orWorse);
  }

  private Map<String, Outcome> typeAll(SampleSheet sheet, int threads) throws InterruptedException {
    // An engine may split a sample's work; idle threads of this pool then take their part of it.
    ExecutorService pool = Executors.newWorkStealingPool(threads);
    CompletionService<Map.Entry<String, Outcome>> ended = new ExecutorCompletionService<>(pool);
    try {
      for (Sample sample : sheet.samples()) {
        ended.submit(() -> Map.entry(sample.name(), type(sample)));
      }
      Map<String, Outcome> outcomes = new TreeMap<>();
      while (outcomes.size() < sheet.samples().size()) {
        Map.Entry<String, Outcome> next = ended.take().get();
        outcomes.put(next.getKey(), next.getValue());
      }
      return outcomes;
    } catch (ExecutionException e) {
      isEnding = true;
      throwErrorBehind(e);
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
      // Whoever is told that the run has ended may remove its folder: nobody writes there any more.
      pool.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Outcome type(Sample sample) {
    progress.started(sample.name());
    long start = System.nanoTime();
    return attempt(
        sample.name(),
        folder -> {
          int pairs = engine.type(sample, folder, versions);
          progress.typed(sample.name(), pairs, secondsSince(start));
        });
  }

  /** Something to be done for one sample. */
  private interface Step {
    void run(ResultFolder folder) throws IOException;
  }

  private Outcome attempt(String sample, Step step) {
    try {
      step.run(new ResultFolder(out, sample));
      return Outcome.TYPED;
    } catch (IOException | RuntimeException e) {
      throwErrorBehind(e);
      return failed(sample, e);
    }
  }

  /** Threads that share a sample's work wrap what one of them met. */
  private static void throwErrorBehind(Throwable fault) {
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof Error error) {
        throw error;
      }
    }
  }

  private Outcome failed(String sample, Exception fault) {
    if (isEnding) {
      // Interrupted, for another sample ends the run: that says nothing of this one.
      return Outcome.INTERNAL_FAULT;
    }
    SampleError error = SampleError.of(sample, fault);
    if (error.isInternal()) {
      fault.printStackTrace();
    }
    boolean isKept = keep(sample, error);
    progress.failed(sample, error.message());
    return isKept && !error.isInternal() ? Outcome.BAD_INPUT : Outcome.INTERNAL_FAULT;
  }

  /** Writes an error; where that cannot be, the progress still tells it. */
  private boolean keep(String sample, SampleError error) {
    try {
      new ResultFolder(out, sample).writeError(sample, error);
      return true;
    } catch (IOException e) {
      e.printStackTrace();
      return false;
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
