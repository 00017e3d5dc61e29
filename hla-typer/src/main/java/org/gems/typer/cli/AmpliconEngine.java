package org.gems.typer.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.gems.typer.calls.Flag;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.calls.SampleCaller;
import org.gems.typer.calls.SampleCalls;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.CatalogIndex;
import org.gems.typer.evidence.EvidenceCollector;
import org.gems.typer.evidence.PanelFit;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.linkage.LinkageRules;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.TypingJson;
import org.gems.typer.output.Versions;
import org.gems.typer.panel.Panel;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.residue.ForeignReads;
import org.gems.typer.residue.RunComparison;
import org.gems.typer.residue.SampleDoubts;
import org.gems.typer.ruleset.Ruleset;

/** Types reads of a panel's amplicons. */
final class AmpliconEngine implements Engine {
  private final Panel panel;
  private final Ruleset ruleset;
  private final HlaClass hlaClass;
  private final Catalog catalog;
  private final Map<String, ForeignReads> foreign = new ConcurrentSkipListMap<>();
  private final CatalogIndex.Origin origin;
  private final EvidenceCollector collector;
  private final LinkageRules linkage;

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
    this.panel = Panel.read(panelPath);
    this.ruleset = ruleset;
    this.hlaClass = hlaClass;
    CatalogIndex.Opened opened =
        new CatalogIndex(reader, panel, ruleset, jarSha256).open(hlaClass.genes());
    this.catalog = opened.catalog();
    this.origin = opened.origin();
    this.collector = new EvidenceCollector(catalog, ruleset);
    this.linkage = new LinkageRules(ruleset);
    PanelFit.require(catalog, ruleset, panelPath.toString());
  }

  @Override
  public int type(Sample sample, ResultFolder folder, Versions versions) throws IOException {
    SampleEvidence evidence = collector.collect(sample);
    SampleCaller caller = new SampleCaller(catalog, ruleset, evidence);
    SampleCalls called = caller.call(hlaClass.loci());
    SampleDoubts doubts =
        new SampleDoubts(catalog, ruleset, sample.name(), evidence, called.genes());
    List<LocusCall> calls = linkage.checked(doubts.flagged(called.loci()), caller::pairs);
    folder.writeTyping(
        TypingJson.document(sample.name(), hlaClass, versions, evidence, calls), called.variants());
    foreign.put(sample.name(), doubts.foreign());
    return evidence.pairs();
  }

  /** Everything that reads may come from. */
  Catalog catalog() {
    return catalog;
  }

  @Override
  public Set<String> compared() {
    return foreign.size() > 1 ? foreign.keySet() : Set.of();
  }

  @Override
  public void compare(String sample, ResultFolder folder) throws IOException {
    RunComparison comparison = new RunComparison(catalog, ruleset);
    Map<String, List<Flag>> flags = comparison.flags(foreign.get(sample), foreign.values());
    if (!flags.isEmpty()) {
      folder.replaceFlags(flags);
    }
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
