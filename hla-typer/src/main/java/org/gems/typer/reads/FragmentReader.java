package org.gems.typer.reads;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import org.gems.typer.reads.SampleSheet.Sample;

/** Streams a sample's fragments, of which one end is read or both. */
public final class FragmentReader implements Closeable {
  private final FastqReader single;
  private final PairReader pairs;

  /**
   * Opens a sample's file or files.
   *
   * @throws org.gems.typer.BadInputException where one cannot be opened or is empty
   */
  public FragmentReader(Sample sample) throws IOException {
    single = sample.isSingle() ? new FastqReader(sample.r1()) : null;
    pairs = sample.isSingle() ? null : new PairReader(sample.r1(), sample.r2());
  }

  /**
   * Reads the next fragments.
   *
   * @return a batch, full but at the end; empty where nothing is left
   * @throws org.gems.typer.BadInputException where a record is not as it must be
   */
  public ReadBatch next() {
    ReadBatch batch = new ReadBatch();
    while (!batch.isFull() && (single == null ? pairs.next() : single.next())) {
      if (single == null) {
        batch.addFragment(pairs.first(), pairs.second());
      } else {
        batch.addFragment(single, null);
      }
    }
    return batch;
  }

  /** The sequencer's runs that the first reads' names tell of, in order. */
  Set<String> runs() {
    return single == null ? pairs.first().runs() : single.runs();
  }

  @Override
  public void close() throws IOException {
    if (single == null) {
      pairs.close();
    } else {
      single.close();
    }
  }
}
