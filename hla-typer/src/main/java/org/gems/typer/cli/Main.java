package org.gems.typer.cli;

import org.gems.typer.BadInputException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command line of the typer. */
@Command(
    name = "hla-typer",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Types HLA genes from paired amplicon reads.",
    subcommands = {TypeCommand.class, CheckCommand.class})
public final class Main implements Runnable {
  static final int DONE = 0;
  static final int NOT_PROVED = 1;
  static final int BAD_INPUT = 3;
  static final int INTERNAL_FAULT = 70;

  private static final String OUT_OF_MEMORY =
      "hla-typer: out of memory: Java has %d MiB. Give it more (-Xmx), or type with fewer"
          + " --threads. Samples without a typing.json were not typed, and no sample was compared"
          + " with the others";

  @Spec private CommandLine.Model.CommandSpec spec;

  /** Starts the typer and leaves with its exit code. */
  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /** Runs the typer and answers its exit code. */
  public static int execute(String... arguments) {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(Main::explain)
        .execute(arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a subcommand is missing: type or check");
  }

  static int explain(Exception fault, CommandLine command, ParseResult parsed) {
    if (fault instanceof BadInputException) {
      command.getErr().println("hla-typer: " + fault.getMessage());
      return BAD_INPUT;
    }
    if (isOutOfMemory(fault)) {
      command.getErr().println(OUT_OF_MEMORY.formatted(Runtime.getRuntime().maxMemory() >> 20));
      return INTERNAL_FAULT;
    }
    command.getErr().println("hla-typer: internal fault, please report it with what follows");
    fault.printStackTrace(command.getErr());
    return INTERNAL_FAULT;
  }

  private static boolean isOutOfMemory(Throwable fault) {
    return fault instanceof OutOfMemoryError
        || (fault.getCause() != null && isOutOfMemory(fault.getCause()));
  }

  /** Answers {@code --version}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"hla-typer " + BuildInfo.load().version()};
    }
  }
}
