package org.gems.typer.evidence;

/**
 * A pair of reads that was made, not sequenced.
 *
 * @param first base codes of the one read, as a sequencer would write it
 * @param second base codes of its mate
 */
public record MadePair(byte[] first, byte[] second) {}
