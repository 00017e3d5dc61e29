package org.gems.typer;

/**
 * Something from outside is not what it must be. The message names the place, what was expected,
 * what was found and how to repair it.
 */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long line;
  private final String expected;
  private final String found;

  /**
   * @param file the file as the user named it
   * @param line 1-based line, or 0 where the fault has no line
   * @param expected what should have been there
   * @param found what was there
   * @param repair what the user can do about it
   */
  public BadInputException(String file, long line, String expected, String found, String repair) {
    super(
        "%s%s: expected %s, found %s; %s"
            .formatted(file, line > 0 ? ", line " + line : "", expected, found, repair));
    this.file = file;
    this.line = line;
    this.expected = expected;
    this.found = found;
  }

  /** The file as the user named it. */
  public String file() {
    return file;
  }

  /** The 1-based line, or 0 where the fault has no line. */
  public long line() {
    return line;
  }

  /** What should have been there. */
  public String expected() {
    return expected;
  }

  /** What was there. */
  public String found() {
    return found;
  }
}
