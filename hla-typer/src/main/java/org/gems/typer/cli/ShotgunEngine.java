package org.gems.typer.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.panel.NoPanel;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.shotgun.PlacedPairs;
import org.gems.typer.shotgun.ScatteredReads;
import org.gems.typer.shotgun.ShotgunLibrary;

/** Places reads that come from anywhere in the genes. */
final class ShotgunEngine extends TypingEngine {
  private final Set<String> genes;
  private final ShotgunLibrary library;

  ShotgunEngine(LibraryReader reader, Ruleset ruleset, HlaClass hlaClass) {
    super(ruleset, hlaClass);
    this.genes = hlaClass.genes();
    this.library = new ShotgunLibrary(reader, ruleset);
  }

  @Override
  Placed place(Sample sample) throws IOException {
    PlacedPairs placed = PlacedPairs.of(library, ruleset(), genes, sample);
    return new Placed(new ScatteredReads(library, ruleset(), placed), Optional.empty(), List.of());
  }

  @Override
  public String panelSha256() {
    return NoPanel.sha256();
  }

  @Override
  public String primerMaskVersion() {
    return NoPanel.WORD;
  }
}
