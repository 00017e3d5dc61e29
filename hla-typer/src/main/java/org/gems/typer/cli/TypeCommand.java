package org.gems.typer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.reads.SampleSheet;
import org.gems.typer.ruleset.Ruleset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code type} subcommand. */
@Command(
    name = "type",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    description = "Types the HLA genes of the samples of a sheet.",
    footerHeading = "%nOutput%n",
    footer = {
      "  OUT/<sample>/typing.json        calls, candidates, coverage, filters, flags, versions",
      "  OUT/<sample>/unexplained.fasta  well-supported sequences that no allele explains",
      "  OUT/<sample>/error.json         instead of both, where a sample could not be typed",
      "  Progress goes to standard output, one JSON object a line."
    },
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {
      "0:every sample was typed",
      "2:the command line is wrong",
      "3:bad input; all other samples were typed",
      "70:internal fault; all other samples were typed, unless memory ran out"
    })
final class TypeCommand implements Callable<Integer> {
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
      paramLabel = "FILE|none",
      description = "Amplicons and primers of the kit, tab separated; none for other reads.")
  private Path panel;

  @Option(
      names = "--hla-class",
      required = true,
      paramLabel = "1|2|all",
      description = "1: A B C; 2: DRB1 DRB3/4/5 DQA1 DQB1 DPA1 DPB1; all: both.")
  private String hlaClass;

  @Option(
      names = "--samples",
      required = true,
      paramLabel = "FILE",
      description =
          "Sample sheet, tab separated, header: sample r1 r2; r2 may be empty without a panel.")
  private Path samples;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Output folder; made where it is absent.")
  private Path out;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Threads, each with a sample of its own where there are (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--ruleset",
      paramLabel = "FILE",
      description = "Thresholds; default: the ruleset that the typer carries.")
  private Path ruleset;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (threads < 1) {
      throw new ParameterException(spec.commandLine(), "--threads must be 1 or more");
    }
    HlaClass asked = parseClass();
    SampleSheet sheet = SampleSheet.read(samples);
    Ruleset rules = ruleset == null ? Ruleset.builtIn() : Ruleset.read(ruleset);
    Files.createDirectories(out);
    Run run = Run.open(library, panel, rules, asked, out, new Progress(System.out));
    return run.type(sheet, threads).exitCode();
  }

  private HlaClass parseClass() {
    return Arrays.stream(HlaClass.values())
        .filter(c -> c.word().equals(hlaClass))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "--hla-class must be 1, 2 or all, but was '" + hlaClass + "'"));
  }
}
