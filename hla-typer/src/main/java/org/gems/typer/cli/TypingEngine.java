package org.gems.typer.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.calls.SampleCaller;
import org.gems.typer.calls.SampleCalls;
import org.gems.typer.calls.SampleReads;
import org.gems.typer.flags.Flag;
import org.gems.typer.linkage.LinkageRules;
import org.gems.typer.output.ResultFolder;
import org.gems.typer.output.TypingJson;
import org.gems.typer.output.Versions;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.residue.ForeignReads;
import org.gems.typer.residue.PanelContext;
import org.gems.typer.residue.RunComparison;
import org.gems.typer.residue.SampleDoubts;
import org.gems.typer.ruleset.Ruleset;

/**
 * Types samples by their placed reads. Placing the reads is one matter with a panel and another
 * without; all that comes after is the same.
 */
abstract class TypingEngine implements Engine {
  private final Ruleset ruleset;
  private final HlaClass hlaClass;
  private final LinkageRules linkage;
  private final Map<String, ForeignReads> foreign = new ConcurrentSkipListMap<>();

  TypingEngine(Ruleset ruleset, HlaClass hlaClass) {
    this.ruleset = ruleset;
    this.hlaClass = hlaClass;
    this.linkage = new LinkageRules(ruleset);
  }

  /**
   * A sample's reads, placed.
   *
   * @param panel what a panel tells beyond the called genes, where there is one
   * @param notes what is to be said of the files
   */
  record Placed(SampleReads reads, Optional<PanelContext> panel, List<Flag> notes) {}

  /** Reads a sample to its end and places its reads. */
  abstract Placed place(Sample sample) throws IOException;

  @Override
  public final int type(Sample sample, ResultFolder folder, Versions versions) throws IOException {
    Placed placed = place(sample);
    SampleReads reads = placed.reads();
    SampleCalls called = new SampleCaller(ruleset, reads).call(hlaClass.loci());
    SampleDoubts doubts = new SampleDoubts(ruleset, sample.name(), placed.panel(), called.genes());
    List<LocusCall> calls = linkage.checked(doubts.flagged(called.loci()), reads::amount);
    List<Flag> flags = new ArrayList<>(placed.notes());
    reads.ofSample().ifPresent(flags::add);
    doubts.severalPeople().ifPresent(flags::add);
    folder.writeTyping(
        TypingJson.document(sample.name(), hlaClass, versions, reads.counts(), flags, calls),
        called.variants());
    foreign.put(sample.name(), doubts.foreign());
    return reads.counts().pairs();
  }

  @Override
  public final Set<String> compared() {
    return foreign.size() > 1 ? foreign.keySet() : Set.of();
  }

  @Override
  public final void compare(String sample, ResultFolder folder) throws IOException {
    RunComparison comparison = new RunComparison(ruleset);
    Map<String, List<Flag>> flags = comparison.flags(foreign.get(sample), foreign.values());
    if (!flags.isEmpty()) {
      folder.replaceFlags(flags);
    }
  }

  /** The thresholds. */
  final Ruleset ruleset() {
    return ruleset;
  }
}
