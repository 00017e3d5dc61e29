package org.gems.typer.check;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.gems.typer.Bases;
import org.gems.typer.evidence.MadePair;
import org.gems.typer.evidence.Product;
import org.gems.typer.panel.PanelRow;

/**
 * Reads of an amplicon without any error: its primers and what lies between them, read from either
 * end.
 *
 * @param readBp bases of a read, primer included
 */
record PerfectReads(int readBp) {

  /** A pair of reads of a sequence that a product has between its primers. */
  MadePair pair(Product product, byte[] between) {
    byte[] forward = plain(product.row().forwardPrimer());
    byte[] reverse = Bases.reverseComplement(plain(product.row().reversePrimer()));
    byte[] whole = Arrays.copyOf(forward, forward.length + between.length + reverse.length);
    System.arraycopy(between, 0, whole, forward.length, between.length);
    System.arraycopy(reverse, 0, whole, forward.length + between.length, reverse.length);
    return new MadePair(start(whole), start(Bases.reverseComplement(whole)));
  }

  private byte[] start(byte[] sequence) {
    byte[] read = Arrays.copyOf(sequence, Math.min(readBp, sequence.length));
    return Bases.text(read).getBytes(StandardCharsets.US_ASCII);
  }

  /** A primer's letters of several bases as the first of these. */
  private static byte[] plain(String primer) {
    byte[] codes = Bases.sets(primer);
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) Integer.numberOfTrailingZeros(codes[i]);
    }
    return codes;
  }

  /** Whether two sequences are one to these reads: equal but for a middle that none reaches. */
  boolean areOne(PanelRow row, byte[] one, byte[] two) {
    int left = readBp - row.forwardPrimer().length();
    int right = readBp - row.reversePrimer().length();
    if (Arrays.equals(one, two)) {
      return true;
    }
    return one.length == two.length
        && left + right < one.length
        && Arrays.equals(one, 0, left, two, 0, left)
        && Arrays.equals(one, one.length - right, one.length, two, two.length - right, two.length);
  }
}
