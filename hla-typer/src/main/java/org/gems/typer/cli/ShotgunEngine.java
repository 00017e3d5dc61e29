package org.gems.typer.cli;

import java.io.IOException;
import java.util.List;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.TypingJson;
import org.gems.typer.output.Versions;
import org.gems.typer.panel.NoPanel;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.shotgun.ShotgunCaller;
import org.gems.typer.shotgun.ShotgunCollector;
import org.gems.typer.shotgun.ShotgunEvidence;
import org.gems.typer.shotgun.ShotgunLibrary;

/** Types reads that come from anywhere in the genes. */
final class ShotgunEngine implements Engine {
  private final Ruleset ruleset;
  private final HlaClass hlaClass;
  private final ShotgunLibrary library;

  ShotgunEngine(LibraryReader reader, Ruleset ruleset, HlaClass hlaClass) {
    this.ruleset = ruleset;
    this.hlaClass = hlaClass;
    this.library = new ShotgunLibrary(reader, ruleset);
  }

  @Override
  public int type(Sample sample, ResultFolder folder, Versions versions) throws IOException {
    ShotgunEvidence evidence = ShotgunCollector.collect(library, ruleset, hlaClass.genes(), sample);
    ShotgunCaller caller = new ShotgunCaller(library, ruleset, evidence);
    List<LocusCall> calls = hlaClass.loci().parallelStream().map(caller::call).toList();
    folder.writeTyping(
        TypingJson.document(sample.name(), hlaClass, versions, evidence, calls), caller.variants());
    return evidence.pairs();
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
