package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.haplotype.LengthGroup;
import org.gems.typer.haplotype.PrefixTree;
import org.gems.typer.index.IndexReader;
import org.gems.typer.index.IndexWriter;

/** How a set of sequences lies in an index. */
final class HaplotypeSetLayout {
  private HaplotypeSetLayout() {}

  static void write(IndexWriter writer, HaplotypeSet set) {
    writer.number(set.groups().size());
    for (LengthGroup group : set.groups()) {
      write(writer, group.fromStart());
      write(writer, group.fromEnd());
    }
    int alleles = set.alleles();
    int[] known = new int[alleles];
    int[] listOf = new int[alleles];
    IdentityHashMap<int[], Integer> lists = new IdentityHashMap<>();
    IndexWriter options = new IndexWriter();
    for (int a = 0; a < alleles; a++) {
      int[] list = set.optionsOf(a);
      Integer id = lists.putIfAbsent(list, lists.size());
      if (id == null) {
        options.numbers(list);
      }
      listOf[a] = lists.get(list);
      known[a] = set.knownBpOf(a);
    }
    writer.numbers(known);
    writer.numbers(listOf);
    writer.number(lists.size());
    writer.block(options);
  }

  private static void write(IndexWriter writer, PrefixTree tree) {
    PrefixTree.Parts parts = tree.parts();
    writer.numbers(parts.sequenceAt());
    writer.numbers(parts.length());
    writer.numbers(parts.shared());
    writer.longs(parts.words());
  }

  static HaplotypeSet read(IndexReader reader) {
    List<LengthGroup> groups = new ArrayList<>();
    int count = reader.number();
    for (int g = 0; g < count; g++) {
      groups.add(new LengthGroup(tree(reader), tree(reader)));
    }
    int[] known = reader.numbers();
    int[] listOf = reader.numbers();
    int[][] lists = new int[reader.number()][];
    IndexReader options = reader.block();
    for (int i = 0; i < lists.length; i++) {
      lists[i] = options.numbers();
    }
    int[][] optionsOf = new int[listOf.length][];
    for (int a = 0; a < listOf.length; a++) {
      optionsOf[a] = lists[listOf[a]];
    }
    return new HaplotypeSet(groups, optionsOf, known);
  }

  private static PrefixTree tree(IndexReader reader) {
    return new PrefixTree(
        new PrefixTree.Parts(reader.numbers(), reader.numbers(), reader.numbers(), reader.longs()));
  }
}
