package org.gems.typer.cli;

/** Start. */
public final class Main {
  private Main() {}

  /** Runs. */
  public static void main(String[] args) {
    System.out.println("x");
  }
}
