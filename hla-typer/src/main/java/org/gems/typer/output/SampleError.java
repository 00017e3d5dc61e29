package org.gems.typer.output;

import java.io.IOException;
import org.gems.typer.BadInputException;

/**
 * Why a sample could not be typed.
 *
 * @param file the file at fault as the user named it, or empty where none is known to be
 * @param line 1-based line, or 0 where the fault has no line
 * @param message for people; names the repair
 * @param isInternal whether the typer or its machine failed, rather than the input
 */
public record SampleError(
    String file, long line, String expected, String found, String message, boolean isInternal) {
  private static final int LONGEST_CAUSE = 300;

  /** The error of a sample that something ended. */
  public static SampleError of(String sample, Exception cause) {
    if (cause instanceof BadInputException bad) {
      return new SampleError(
          bad.file(), bad.line(), bad.expected(), bad.found(), bad.getMessage(), false);
    }
    return cause instanceof IOException
        ? internal(
            sample,
            "a file that cannot be read or written (%s)".formatted(inOneLine(cause)),
            "check that the disk has room and the output folder can be written, then type the"
                + " sample again")
        : internal(
            sample,
            "an internal fault of the typer (%s)".formatted(inOneLine(cause)),
            "type the sample again, and if that fails too report it with what the typer wrote to"
                + " standard error");
  }

  private static SampleError internal(String sample, String found, String repair) {
    String expected = "a typing";
    String message =
        "sample %s: expected %s, found %s; %s".formatted(sample, expected, found, repair);
    return new SampleError("", 0, expected, found, message, true);
  }

  private static String inOneLine(Exception cause) {
    String line = cause.toString().lines().findFirst().orElse("");
    return line.substring(0, Math.min(line.length(), LONGEST_CAUSE));
  }
}
