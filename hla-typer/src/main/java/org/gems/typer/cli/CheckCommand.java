package org.gems.typer.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.gems.typer.BadInputException;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.check.Finding;
import org.gems.typer.check.LocusProof;
import org.gems.typer.check.ReleaseCheck;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.ruleset.Ruleset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code check} subcommand. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    description = {
      "Types every allele of a library from perfect reads of a panel.",
      "Each must be called as itself, or be listed with names that have the same bases between the primers."
    },
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {
      "0:every allele checked is typed as itself",
      "1:some are not; they are listed",
      "2:the command line is wrong",
      "3:bad input: the library or the panel",
      "70:internal fault"
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--library",
      required = true,
      paramLabel = "DIR",
      description = "Compiled reference library (gems reference build).")
  private Path library;

  @Option(
      names = "--panel",
      required = true,
      paramLabel = "FILE",
      description = "Amplicons and primers of the kit, tab separated.")
  private Path panel;

  @Option(
      names = "--locus",
      paramLabel = "GENE",
      split = ",",
      description = "Genes to check, such as A,DRB1; default: all of the panel.")
  private List<String> loci = List.of();

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "0",
      description = "Check this many alleles of each gene; default: all.")
  private int sample;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Draws the alleles of --sample (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--read-length",
      paramLabel = "BP",
      defaultValue = "250",
      description = "Bases of a read (default: ${DEFAULT-VALUE}).")
  private int readBp;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Alleles typed at once (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--ruleset",
      paramLabel = "FILE",
      description = "Thresholds; default: the ruleset that the typer carries.")
  private Path ruleset;

  @Override
  public Integer call() throws InterruptedException {
    if (threads < 1 || sample < 0 || readBp < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--threads and --read-length must be 1 or more, --sample not negative");
    }
    Ruleset rules = ruleset == null ? Ruleset.builtIn() : Ruleset.read(ruleset);
    LibraryReader reader = new LibraryReader(library);
    AmpliconEngine engine =
        new AmpliconEngine(reader, panel, rules, HlaClass.ALL, BuildInfo.jarSha256());
    ReleaseCheck check = new ReleaseCheck(engine.catalog(), rules, readBp);
    System.out.printf(Locale.ROOT, "release %s%n", reader.manifest().release());
    int findings = 0;
    for (String gene : asked(check.genes())) {
      LocusProof proof = check.check(gene, sample, seed, threads);
      print(System.out, proof);
      findings += proof.findings().size();
    }
    System.out.printf(Locale.ROOT, "%s%n", findings == 0 ? "proved" : findings + " findings");
    return findings == 0 ? Main.DONE : Main.NOT_PROVED;
  }

  private List<String> asked(List<String> genes) {
    for (String locus : loci) {
      if (!genes.contains(locus)) {
        throw new BadInputException(
            panel.toString(),
            0,
            "an amplicon of %s that the library has a place for".formatted(locus),
            "none",
            "ask for genes of %s".formatted(genes));
      }
    }
    return loci.isEmpty() ? genes : loci;
  }

  private static void print(PrintStream out, LocusProof proof) {
    out.printf(
        Locale.ROOT,
        "%s: %d alleles, %d of them not stated between the primers; %d checked as %d sequences,"
            + " %d findings, %.1f s%n",
        proof.gene(),
        proof.alleles(),
        proof.unstated(),
        proof.checked(),
        proof.groups(),
        proof.findings().size(),
        proof.seconds());
    for (Finding finding : proof.findings()) {
      out.printf(Locale.ROOT, "  %s: %s%n", finding.allele(), finding.reason());
    }
    out.flush();
  }
}
