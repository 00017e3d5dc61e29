package org.gems.typer.cli;

/** How a sample ended, or a run as the worst of its samples; from good to bad. */
enum Outcome {
  TYPED(Main.DONE),
  BAD_INPUT(Main.BAD_INPUT),
  INTERNAL_FAULT(Main.INTERNAL_FAULT);

  private final int exitCode;

  Outcome(int exitCode) {
    this.exitCode = exitCode;
  }

  /** What the process ends with. */
  int exitCode() {
    return exitCode;
  }

  /** The worse of two. */
  Outcome orWorse(Outcome other) {
    return other.compareTo(this) > 0 ? other : this;
  }
}
