package org.gems.typer.reads;

/** Where pairs are lost before anything looks at their bases, in the order in which they pass. */
public enum ReaderFilter implements ReadFilter {
  WITHOUT_MATE("the read's mate is not in the other file, or too far from its place there"),
  FAILED_CHASTITY("the sequencer's own filter let the pair fail (Y in its name)");

  private final String meaning;

  ReaderFilter(String meaning) {
    this.meaning = meaning;
  }

  @Override
  public String meaning() {
    return meaning;
  }
}
