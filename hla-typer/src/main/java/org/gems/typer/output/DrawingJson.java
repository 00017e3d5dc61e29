package org.gems.typer.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.gems.typer.calls.Drawing;
import org.gems.typer.calls.Track;

/** Lays out what a page draws; keys without content are left out. */
final class DrawingJson {
  private DrawingJson() {}

  /** Adds where a coverage row lies and its depth base by base. */
  static ObjectNode track(ObjectNode row, Track track) {
    if (track.depth().isEmpty()) {
      return row;
    }
    ArrayNode runs = row.putArray("runs");
    for (Track.Run run : track.runs()) {
      runs.addObject()
          .put("feature", run.feature())
          .put("position", run.position())
          .put("bases", run.bases());
    }
    ArrayNode depth = row.putArray("depth");
    track.depth().forEach(depth::add);
    return row;
  }

  /** Adds a locus's exons, links and phase. */
  static ObjectNode drawing(ObjectNode locus, Drawing drawing) {
    if (drawing.exons().isEmpty()) {
      return locus;
    }
    ArrayNode exons = locus.putArray("exons");
    for (Drawing.ExonBases exon : drawing.exons()) {
      exons
          .addObject()
          .put("allele", exon.allele())
          .put("feature", exon.feature())
          .put("bases", exon.bases());
    }
    ArrayNode links = locus.putArray("links");
    drawing.links().forEach(link -> links.add(link(links.objectNode(), link)));
    ArrayNode blocks = locus.putArray("phase_blocks");
    drawing.phaseBlocks().forEach(block -> words(blocks.addArray(), block));
    return locus;
  }

  private static ObjectNode link(ObjectNode node, Drawing.ExonLink link) {
    node.put("gene", link.gene()).put("from", link.from()).put("to", link.to());
    words(node.putArray("amplicons"), link.amplicons());
    return node.put("pairs", link.pairs()).put("phasing_pairs", link.phasingPairs());
  }

  private static void words(ArrayNode array, List<String> words) {
    words.forEach(array::add);
  }
}
