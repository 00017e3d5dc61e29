package org.gems.typer.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.gems.typer.BadInputException;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.Versions;
import org.gems.typer.panel.NoPanel;
import org.gems.typer.reads.SampleSheet;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;

/** Types the samples of a sheet, one thread a sample. */
final class Run {
  private final Path out;
  private final Progress progress;
  private final Engine engine;
  private final Versions versions;

  /** Loads the library and the panel, which all samples share. */
  Run(
      Path library,
      Path panelPath,
      Ruleset ruleset,
      HlaClass hlaClass,
      Path out,
      Progress progress) {
    long start = System.nanoTime();
    this.out = out;
    this.progress = progress;
    LibraryReader reader = new LibraryReader(library);
    String jarSha256 = BuildInfo.jarSha256();
    this.engine =
        NoPanel.isMeant(panelPath)
            ? new ShotgunEngine(reader, ruleset, hlaClass)
            : new AmpliconEngine(reader, panelPath, ruleset, hlaClass, jarSha256);
    BuildInfo build = BuildInfo.load();
    this.versions =
        new Versions(
            build.version(),
            build.commit(),
            jarSha256,
            reader.manifest().release(),
            reader.manifest().sha256(),
            engine.panelSha256(),
            engine.primerMaskVersion(),
            ruleset.version());
    progress.library(reader.manifest().release(), secondsSince(start), engine.index());
  }

  /**
   * Types every sample; a bad one leaves the others typed.
   *
   * @return how many samples failed
   */
  int type(SampleSheet sheet, int threads) throws InterruptedException, IOException {
    // An engine may split a sample's work; idle threads of this pool then take their part of it.
    ExecutorService pool = Executors.newWorkStealingPool(threads);
    try {
      List<Future<Boolean>> outcomes = new ArrayList<>();
      for (Sample sample : sheet.samples()) {
        outcomes.add(pool.submit(() -> typeOrExplain(sample)));
      }
      int typed = 0;
      for (Future<Boolean> outcome : outcomes) {
        typed += result(outcome) ? 1 : 0;
      }
      int failed = outcomes.size() - typed;
      engine.compare(out);
      progress.finished(typed, failed);
      return failed;
    } finally {
      pool.shutdownNow();
    }
  }

  private static boolean result(Future<Boolean> outcome) throws InterruptedException, IOException {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private boolean typeOrExplain(Sample sample) throws IOException {
    ResultFolder folder = new ResultFolder(out, sample.name());
    progress.started(sample.name());
    long start = System.nanoTime();
    try {
      int pairs = engine.type(sample, folder, versions);
      progress.typed(sample.name(), pairs, secondsSince(start));
      return true;
    } catch (BadInputException e) {
      folder.writeError(sample.name(), e);
      progress.failed(sample.name(), e.getMessage());
      return false;
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
