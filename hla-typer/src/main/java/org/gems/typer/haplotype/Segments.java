package org.gems.typer.haplotype;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.haplotype.LocatedAmplicon.Span;
import org.gems.typer.library.LocusTable;

/** The distinct pieces of a feature's rows that fall inside an amplicon. */
final class Segments {
  private final int feature;
  private final boolean lent;
  private final List<byte[]> pieces = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final int[] pieceOfRow;
  private final BitSet complete = new BitSet();
  private final Map<Integer, BitSet> agreeing = new HashMap<>();

  Segments(LocusTable table, Span span) {
    feature = span.feature();
    LocusTable.Feature rows = table.features().get(feature);
    lent = rows.borrowed();
    pieceOfRow = new int[rows.rows().size()];
    for (int r = 0; r < pieceOfRow.length; r++) {
      pieceOfRow[r] = idOf(Arrays.copyOfRange(rows.rows().get(r), span.from(), span.to()));
    }
  }

  /** Whether the rows are another locus's. */
  boolean isLent() {
    return lent;
  }

  /** The piece of an allele of the table, or of the one that lends the feature. */
  int pieceOfAllele(LocusTable source, int allele) {
    return pieceOfRow[source.features().get(feature).rowOf()[allele]];
  }

  byte[] piece(int id) {
    return pieces.get(id);
  }

  boolean isComplete(int id) {
    return complete.get(id);
  }

  /** Complete pieces that agree with a piece wherever that one is stated. */
  BitSet agreeing(int piece) {
    return agreeing.computeIfAbsent(piece, this::completeOnesLike);
  }

  private BitSet completeOnesLike(int piece) {
    BitSet result = new BitSet();
    if (isComplete(piece)) {
      result.set(piece);
      return result;
    }
    for (int id = 0; id < pieces.size(); id++) {
      result.set(id, isComplete(id) && matches(pieces.get(piece), pieces.get(id)));
    }
    return result;
  }

  private static boolean matches(byte[] partial, byte[] whole) {
    for (int i = 0; i < partial.length; i++) {
      if (partial[i] != '*' && partial[i] != whole[i]) {
        return false;
      }
    }
    return true;
  }

  /** The piece that states what one states and, where that one is open, what another does. */
  int merged(int piece, int filling) {
    byte[] merged = pieces.get(piece).clone();
    byte[] other = pieces.get(filling);
    for (int i = 0; i < merged.length; i++) {
      merged[i] = merged[i] == '*' ? other[i] : merged[i];
    }
    return idOf(merged);
  }

  private int idOf(byte[] piece) {
    String key = new String(piece, StandardCharsets.ISO_8859_1);
    Integer id = ids.putIfAbsent(key, pieces.size());
    if (id == null) {
      id = pieces.size();
      complete.set(id, key.indexOf('*') < 0);
      pieces.add(piece);
    }
    return id;
  }
}
