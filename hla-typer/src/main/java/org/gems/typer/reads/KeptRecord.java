package org.gems.typer.reads;

/** A record that waits for its mate. */
record KeptRecord(
    int length,
    byte[] bases,
    byte[] qualities,
    String template,
    long templateHash,
    int mate,
    boolean failedChastity)
    implements FastqRecord {}
