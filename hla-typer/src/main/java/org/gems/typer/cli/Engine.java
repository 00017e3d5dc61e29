package org.gems.typer.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.Versions;
import org.gems.typer.reads.SampleSheet.Sample;

/** A way of typing a sample; shared by all threads. */
interface Engine {
  /**
   * Types a sample and writes its results.
   *
   * @return how many pairs were read
   */
  int type(Sample sample, ResultFolder folder, Versions versions) throws IOException;

  /** The typed samples that are to be compared with each other, when all are done. */
  default Set<String> compared() {
    return Set.of();
  }

  /** Compares one of those samples with the others, and writes what comes of it into its result. */
  default void compare(String sample, ResultFolder folder) throws IOException {}

  /** SHA-256 of the panel. */
  String panelSha256();

  /** Which primers are left out of the reads. */
  String primerMaskVersion();

  /**
   * How the engine came by its compiled library ({@code read}, {@code built}, {@code not_kept}).
   */
  default Optional<String> index() {
    return Optional.empty();
  }
}
