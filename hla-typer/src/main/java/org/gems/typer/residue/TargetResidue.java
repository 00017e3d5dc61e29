package org.gems.typer.residue;

import java.util.BitSet;
import java.util.List;
import org.gems.typer.calls.Attribution;

/**
 * What the called alleles leave of one amplicon.
 *
 * @param attribution the pairs and the called sequences
 * @param chimeras pairs that are a crossover of sequences that are there
 * @param foreign for each other pair the sequences of the amplicon's set that explain it best
 */
record AmpliconResidue(Attribution attribution, List<Chimera> chimeras, List<BitSet> foreign) {
  int pairs() {
    return attribution.evidence().pairs();
  }

  String amplicon() {
    return attribution.amplicon();
  }
}
