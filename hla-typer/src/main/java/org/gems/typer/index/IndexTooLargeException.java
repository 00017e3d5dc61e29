package org.gems.typer.index;

/** What was gathered is more than a file can hold that is mapped in one piece. */
public final class IndexTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param limit most bytes
   */
  IndexTooLargeException(long limit) {
    super("expected an index of %d bytes at most, found more".formatted(limit));
  }
}
