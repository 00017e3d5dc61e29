package org.gems.typer.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.calls.SampleCaller;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.EvidenceCollector;
import org.gems.typer.evidence.PanelFit;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.TypingJson;
import org.gems.typer.output.Versions;
import org.gems.typer.panel.Panel;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;

/** Types reads of a panel's amplicons. */
final class AmpliconEngine implements Engine {
  private final Panel panel;
  private final Ruleset ruleset;
  private final HlaClass hlaClass;
  private final Catalog catalog;

  AmpliconEngine(LibraryReader reader, Path panelPath, Ruleset ruleset, HlaClass hlaClass) {
    this.panel = Panel.read(panelPath);
    this.ruleset = ruleset;
    this.hlaClass = hlaClass;
    this.catalog = Catalog.build(reader, panel, ruleset, hlaClass.genes());
    PanelFit.require(catalog, ruleset, panelPath.toString());
  }

  @Override
  public int type(Sample sample, ResultFolder folder, Versions versions) throws IOException {
    SampleEvidence evidence = EvidenceCollector.collect(catalog, ruleset, sample);
    SampleCaller caller = new SampleCaller(catalog, ruleset, evidence);
    List<LocusCall> calls = hlaClass.loci().stream().map(caller::call).toList();
    folder.writeTyping(
        TypingJson.document(sample.name(), hlaClass, versions, evidence, calls), caller.variants());
    return evidence.pairs();
  }

  @Override
  public String panelSha256() {
    return panel.sha256();
  }

  @Override
  public String primerMaskVersion() {
    return panel.primerMaskVersion();
  }
}
