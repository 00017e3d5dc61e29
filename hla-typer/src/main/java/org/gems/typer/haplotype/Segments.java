package org.gems.typer.haplotype;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.haplotype.LocatedAmplicon.Span;
import org.gems.typer.library.LocusTable;

/** The distinct pieces of a feature's rows that fall inside an amplicon. */
final class Segments {
  private final int feature;
  private final boolean lent;
  private final boolean exon;
  private final List<Piece> pieces = new ArrayList<>();
  private final Map<Piece, Integer> ids = new HashMap<>();
  private final int[] pieceOfRow;
  private final int referencePiece;
  private final BitSet complete = new BitSet();
  private final Map<Integer, Integer> asReference = new HashMap<>();

  Segments(LocusTable table, Span span, Cut ownStart, Cut ownEnd) {
    feature = span.feature();
    LocusTable.Feature rows = table.features().get(feature);
    lent = rows.borrowed();
    exon = rows.isExon();
    referencePiece = idOf(Piece.of(rows.referenceRow(), span, ownStart, ownEnd));
    pieceOfRow = new int[rows.rows().size()];
    for (int r = 0; r < pieceOfRow.length; r++) {
      pieceOfRow[r] = idOf(Piece.of(rows.rows().get(r), span, ownStart, ownEnd));
    }
  }

  /**
   * The piece that an allele has if the reference allele is right where the release leaves the
   * feature open: in an exon the open bases alone, elsewhere the whole piece, for a UTR or intron
   * that is not stated in full was often not sequenced in one go.
   */
  int asReference(int piece) {
    return asReference.computeIfAbsent(piece, this::likeReference);
  }

  private int likeReference(int piece) {
    boolean whole = !exon && pieces.get(piece).doubtful();
    return whole ? referencePiece : merged(piece, referencePiece);
  }

  /** The piece of the reference allele, against whose columns all others are written. */
  int referencePiece() {
    return referencePiece;
  }

  /** Whether the rows are another locus's. */
  boolean isLent() {
    return lent;
  }

  /** The piece of an allele of the table, or of the one that lends the feature. */
  int pieceOfAllele(LocusTable source, int allele) {
    return pieceOfRow[source.features().get(feature).rowOf()[allele]];
  }

  Piece piece(int id) {
    return pieces.get(id);
  }

  boolean isComplete(int id) {
    return complete.get(id);
  }

  /** Complete pieces that agree with a piece wherever that one is stated. */
  BitSet agreeing(int piece) {
    BitSet result = new BitSet();
    if (isComplete(piece)) {
      result.set(piece);
      return result;
    }
    for (int id = 0; id < pieces.size(); id++) {
      result.set(id, isComplete(id) && pieces.get(piece).agreesWith(pieces.get(id)));
    }
    return result;
  }

  /** The piece that states what one states and, where that one is open, what another does. */
  int merged(int piece, int filling) {
    if (isComplete(piece)) {
      return piece;
    }
    return idOf(pieces.get(piece).filledFrom(pieces.get(filling)));
  }

  private int idOf(Piece piece) {
    Integer id = ids.putIfAbsent(piece, pieces.size());
    if (id == null) {
      id = pieces.size();
      complete.set(id, piece.isComplete());
      pieces.add(piece);
    }
    return id;
  }
}
