package org.gems.typer.reads;

import java.io.Closeable;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.gems.typer.reads.SampleSheet.Sample;

/** Streams a sample's fragments, of which one end is read or both. */
public final class FragmentReader implements Closeable {
  private final FastqReader single;
  private final PairReader pairs;
  private final LeadingBases leading;
  private int failedChastity;

  /**
   * Opens a sample's file or files.
   *
   * @throws org.gems.typer.BadInputException where one cannot be opened or is empty
   */
  public FragmentReader(Sample sample) throws IOException {
    this(sample, LeadingBases.NONE);
  }

  /**
   * Opens a sample's file or files.
   *
   * @param leading bases at the reads' starts that are left out
   * @throws org.gems.typer.BadInputException where one cannot be opened or is empty
   */
  public FragmentReader(Sample sample, LeadingBases leading) throws IOException {
    this.leading = leading;
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
      FastqRecord first = single == null ? pairs.first() : single;
      FastqRecord second = single == null ? pairs.second() : null;
      if (first.failedChastity() || (second != null && second.failedChastity())) {
        failedChastity++;
      } else {
        batch.addFragment(first, second, leading);
      }
    }
    return batch;
  }

  /** What the files told beside their fragments; whole at their end. */
  ReaderNotes notes() {
    Set<String> runs = single == null ? pairs.runs() : single.runs();
    Map<ReaderFilter, Integer> lost = new EnumMap<>(ReaderFilter.class);
    lost.put(ReaderFilter.WITHOUT_MATE, single == null ? pairs.withoutMate() : 0);
    lost.put(ReaderFilter.FAILED_CHASTITY, failedChastity);
    return new ReaderNotes(Set.copyOf(runs), lost);
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
