package org.gems.typer.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.gems.typer.evidence.CatalogIndex.Opened;
import org.gems.typer.evidence.CatalogIndex.Origin;
import org.gems.typer.index.IndexTooLargeException;
import org.gems.typer.index.IndexWriter;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.panel.Panel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index that is larger than a file may be. */
final class CatalogIndexTest {
  @TempDir private Path folder;

  private Opened open(int mostBytes) throws IOException {
    SyntheticWorld world = new SyntheticWorld(5).gene("A").allele("A*01:01:01:01");
    LibraryReader library = new LibraryReader(world.writeLibrary(folder.resolve("library")));
    Panel panel = Panel.read(world.writePanel(folder.resolve("panel.tsv"), "A"));
    return new CatalogIndex(library, panel, Ruleset.builtIn(), Optional.of("one"), mostBytes)
        .open(Set.of("A"));
  }

  @Test
  void aCatalogWhoseIndexWouldBeTooLargeIsUsedWithoutOne() throws IOException {
    assertEquals(Origin.NOT_KEPT, open(200).origin());
    assertEquals(2, open(200).catalog().products().size());
    assertEquals(Origin.BUILT, open(Integer.MAX_VALUE).origin());
  }

  @Test
  void aWriterGrowsToItsLimitAndSaysWhenItIsPassed() {
    IndexWriter writer = new IndexWriter((1 << 16) + 8);
    writer.bytes(new byte[(1 << 16) - 4]);
    writer.number(1);
    writer.number(2);
    assertThrows(IndexTooLargeException.class, () -> writer.number(3));
  }
}
