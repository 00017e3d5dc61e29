package org.gems.typer.reads;

import java.util.Map;
import java.util.Set;

/**
 * What reading a sample's files tells beside its pairs.
 *
 * @param runs the sequencer's runs that the reads' names tell of, in order
 * @param lost pairs that were not handed on, by the reason
 */
public record ReaderNotes(Set<String> runs, Map<ReaderFilter, Integer> lost) {}
