package org.gems.typer.shotgun;

import java.util.List;

/**
 * A pair that one gene explains best.
 *
 * @param reads its reads that lie on the gene, one or two
 */
record Fragment(List<Alignment> reads) {
  /** What mismatches cost on average, if bases are as often wrong as their qualities say. */
  double promised() {
    double sum = 0;
    for (Alignment read : reads) {
      for (int i = 0; i < read.size(); i++) {
        // A penalty is ln((1 - e) / (e / 3)) of an error rate e.
        sum += read.penalty(i) * 3 / (Math.exp(read.penalty(i)) + 3);
      }
    }
    return sum;
  }
}
