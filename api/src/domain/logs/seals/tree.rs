//! The tree over leaves (RFC 9162, 2.1). Pure.

use sha2::{Digest, Sha256};

use super::digest::Hash;

/// A node over two others.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// A tree that grows at its end; it holds one digest for each level.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Complete parts, largest first, with the number of leaves in each.
    parts: Vec<(u64, Hash)>,
}

impl Tree {
    /// Adds a leaf, or a part as large as all others that are added.
    pub fn push(&mut self, leaf: Hash) {
        let mut part = (1, leaf);
        while let Some((size, left)) = self.parts.last().filter(|last| last.0 == part.0) {
            part = (size * 2, node(left, &part.1));
            self.parts.pop();
        }
        self.parts.push(part);
    }

    /// The root; none without leaves.
    #[must_use]
    pub fn root(&self) -> Option<Hash> {
        let mut parts = self.parts.iter().rev().map(|part| part.1);
        let last = parts.next()?;
        Some(parts.fold(last, |right, left| node(&left, &right)))
    }
}

/// The root over leaves; none without leaves.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Option<Hash> {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// Digests beside the way from a leaf to the root, from below; empty when there is no such leaf.
#[must_use]
pub fn path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    let mut path = Vec::new();
    let (mut leaves, mut index) = (leaves, index);
    while leaves.len() > 1 && index < leaves.len() {
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let in_left = index < left.len();
        path.extend(root_of(if in_left { right } else { left }));
        if in_left {
            leaves = left;
        } else {
            index -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    path
}

/// Whether a leaf and its path lead to a root (RFC 9162, 2.1.3.2).
#[must_use]
pub fn leads(leaf: &Hash, index: u64, total: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= total {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, total - 1, *leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(beside, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(total: usize) -> Vec<Hash> {
        (0..total).map(|at| Sha256::digest(at.to_be_bytes()).into()).collect()
    }

    /// The definition of RFC 9162, word for word.
    fn defined(leaves: &[Hash]) -> Hash {
        if leaves.len() == 1 {
            return leaves[0];
        }
        let mut split = 1;
        while split * 2 < leaves.len() {
            split *= 2;
        }
        node(&defined(&leaves[..split]), &defined(&leaves[split..]))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// LOG-16: a tree that grows has the root that the standard defines; the path of each leaf leads to it, and
        /// with any byte of leaf, path or root changed, or at another place, it does not.
        #[test]
        fn paths_lead_to_the_root(total in 1..200_usize, chosen in 0..200_usize, place in 0..10_000_usize, change in 1..=255_u8) {
            let leaves = leaves(total);
            let index = chosen % total;
            let root = root_of(&leaves).unwrap();
            prop_assert_eq!(root, defined(&leaves));
            let path = path(&leaves, index);
            let (at, size) = (index as u64, total as u64);
            prop_assert!(leads(&leaves[index], at, size, &path, &root));
            let mut bytes: Vec<u8> = [leaves[index], root].iter().chain(&path).flatten().copied().collect();
            let place = place % bytes.len();
            bytes[place] ^= change;
            let hashes: Vec<Hash> = bytes.chunks_exact(32).map(|part| part.try_into().unwrap()).collect();
            prop_assert!(!leads(&hashes[0], at, size, &hashes[2..], &hashes[1]));
            for other in (0..size + 2).filter(|other| *other != at) {
                prop_assert!(!leads(&leaves[index], other, size, &path, &root));
            }
            if let Some(shorter) = path.split_last() {
                prop_assert!(!leads(&leaves[index], at, size, shorter.1, &root));
            }
            let longer = [&path[..], &[root]].concat();
            prop_assert!(!leads(&leaves[index], at, size, &longer, &root));
        }

        /// LOG-16: the tree over roots of blocks is the tree over all leaves, and a path goes through both.
        #[test]
        fn blocks_are_parts_of_the_tree(total in 1..1_500_usize, chosen in 0..1_500_usize, bits in 0..9_u32) {
            let leaves = leaves(total);
            let size = 1_usize << bits;
            let blocks: Vec<Hash> = leaves.chunks(size).map(|block| root_of(block).unwrap()).collect();
            prop_assert_eq!(root_of(&blocks), root_of(&leaves));
            let index = chosen % total;
            let block = leaves.chunks(size).nth(index / size).unwrap();
            let both = [path(block, index % size), path(&blocks, index / size)].concat();
            prop_assert_eq!(both, path(&leaves, index));
        }
    }
}
