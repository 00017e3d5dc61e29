package org.gems.typer.testing;

import java.io.IOException;
import java.nio.file.Path;

/** The two ways in which reads are placed: by the primers of the world's panel, or without one. */
public enum Way {
  PANEL,
  NONE;

  /** A bench that types some genes in this way. */
  public Bench bench(Path folder, SyntheticWorld world, String... genes) throws IOException {
    Bench bench = new Bench(folder, world, genes);
    return this == PANEL ? bench : bench.panel(Path.of("none"));
  }

  /** Reads to be typed in this way. */
  public Donor donor(SyntheticWorld world, long seed) {
    return new Donor(this, world, seed);
  }
}
