package org.gems.typer.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.CatalogIndex;
import org.gems.typer.evidence.EvidenceCollector;
import org.gems.typer.evidence.PanelFit;
import org.gems.typer.evidence.PanelReads;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.panel.Panel;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.residue.PanelContext;
import org.gems.typer.ruleset.Ruleset;

/** Places reads by the primers of a panel's amplicons. */
final class AmpliconEngine extends TypingEngine {
  private final Panel panel;
  private final Catalog catalog;
  private final CatalogIndex.Origin origin;
  private final EvidenceCollector collector;

  /**
   * Opens the library for a panel.
   *
   * @param jarSha256 names this build, whose index it is; empty where the build has no name
   */
  AmpliconEngine(
      LibraryReader reader,
      Path panelPath,
      Ruleset ruleset,
      HlaClass hlaClass,
      Optional<String> jarSha256) {
    super(ruleset, hlaClass);
    this.panel = Panel.read(panelPath);
    CatalogIndex.Opened opened =
        new CatalogIndex(reader, panel, ruleset, jarSha256).open(hlaClass.genes());
    this.catalog = opened.catalog();
    this.origin = opened.origin();
    this.collector = new EvidenceCollector(catalog, ruleset);
    PanelFit.require(catalog, ruleset, panelPath.toString());
  }

  @Override
  Placed place(Sample sample) throws IOException {
    SampleEvidence evidence = collector.collect(sample);
    return new Placed(
        new PanelReads(catalog, ruleset(), evidence),
        Optional.of(new PanelContext(catalog, evidence)),
        evidence.leadingBases().stream().toList());
  }

  /** Everything that reads may come from. */
  Catalog catalog() {
    return catalog;
  }

  @Override
  public String panelSha256() {
    return panel.sha256();
  }

  @Override
  public String primerMaskVersion() {
    return panel.primerMaskVersion();
  }

  @Override
  public Optional<String> index() {
    return Optional.of(origin.name().toLowerCase(Locale.ROOT));
  }
}
