"""The tree of RFC 6962: against its own definition, against pymerkle, and against proofs that prove nothing."""

from __future__ import annotations

import hashlib
import random
from itertools import pairwise

import pytest
from pymerkle import InmemoryTree
from pymerkle.proof import InvalidProof, verify_consistency, verify_inclusion

from audits import tree
from audits.tree import EMPTY, Edge, Forged, edge_of, leaf_hash

# The leaves of the tests of certificate-transparency, whose roots RFC 6962's reference code printed.
VECTORS = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def defined(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 writes it down."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:middle]) + defined(leaves[middle:])).digest()


def grown(leaves: list[bytes]) -> tuple[Edge, dict[tuple[int, int], bytes]]:
    """The edge over these leaves, and every complete subtree."""
    edge, made = Edge(), {}
    for index, body in enumerate(leaves):
        made[0, index] = leaf_hash(body)
        made |= {(level, place): whole for level, place, whole in edge.add(leaf_hash(body))}
    return edge, made


def bodies(count: int) -> list[bytes]:
    return [f"event {number}".encode() for number in range(count)]


def test_roots_are_those_of_the_rfc() -> None:
    assert EMPTY.hex() == ROOTS[0] and {n: grown(VECTORS[:n])[0].root().hex() for n in ROOTS} == ROOTS
    for count in range(70):
        edge, made = grown(bodies(count))
        assert edge.root() == defined(bodies(count))
        assert edge_of(count, lambda *one, made=made: made[one]) == edge == Edge.from_bytes(count, edge.to_bytes())


def test_an_edge_of_another_size_is_refused() -> None:
    for size, kept in ((3, b"\0" * 32), (4, b"\0" * 64), (1, b"\0" * 31), (0, b"\0" * 32)):
        with pytest.raises(ValueError, match="not the edge"):
            Edge.from_bytes(size, kept)


def test_every_proof_is_accepted_by_us_and_by_pymerkle() -> None:
    """pymerkle 7 has the tree of RFC 9162, whose hashes and proofs are those of RFC 6962."""
    theirs = InmemoryTree(algorithm="sha256")
    for size in range(1, 40):
        theirs.append_entry(bodies(size)[-1])
        edge, made = grown(bodies(size))
        assert theirs.get_root() == edge.root()
        for index in range(size):
            proof = tree.inclusion(index, size, lambda *one, made=made: made[one])
            tree.verify_inclusion(made[0, index], index, size, proof, edge.root())
            verify_inclusion(made[0, index], edge.root(), theirs.prove_inclusion(index + 1, size))
            path = theirs.prove_inclusion(index + 1, size).path
            assert proof in (path, path[1:]), "the same hashes, with or without the leaf in front"


def test_tl_5_two_checkpoints_of_one_record_have_a_proof_and_a_rewrite_has_none(full_scale: bool) -> None:
    draw, size = random.Random(5), 300
    edge, made = grown(bodies(size))
    roots = [defined(bodies(count)) for count in range(size + 1)]
    theirs = InmemoryTree(algorithm="sha256")
    for body in bodies(size):
        theirs.append_entry(body)
    for _ in range(500):
        old, new = sorted(draw.sample(range(size + 1), 2))
        proof = tree.consistency(old, new, lambda *one: made[one])
        tree.verify_consistency(old, roots[old], new, roots[new], proof)
        if old:
            verify_consistency(roots[old], roots[new], theirs.prove_consistency(old, new))
        forged = defined([b"rewritten", *bodies(old)[1:]]) if old else b"\0" * 32
        with pytest.raises(Forged):
            tree.verify_consistency(old, forged, new, roots[new], proof)
        if old:
            with pytest.raises(InvalidProof):
                verify_consistency(forged, roots[new], theirs.prove_consistency(old, new))
    assert edge.root() == roots[size]


def test_tl_6_forged_proofs_of_inclusion_are_refused() -> None:
    size = 21
    edge, made = grown(bodies(size))
    for index in range(size):
        leaf, proof = made[0, index], tree.inclusion(index, size, lambda *one: made[one])
        swapped = [[*proof[:at], b, a, *proof[at + 2 :]] for at, (a, b) in enumerate(pairwise(proof))]
        wrong = [proof[:-1], proof[1:], [*proof, proof[-1]], [*proof, b""], [], *swapped]
        wrong += [[*proof[:at], bytes(32), *proof[at + 1 :]] for at in range(len(proof))]
        wrong += [[*proof[:-1], proof[-1][:31]], [*proof[:-1], proof[-1] + b"\0"]]
        for one in wrong:
            refuse(leaf, index, size, one, edge.root())
        for place in {*range(-1, size + 2)} - {index}:
            refuse(leaf, place, size, proof, edge.root())
        for other in (0, index, size // 2 - 5, 2 * size):  # a tree of the same height is told apart by its checkpoint
            refuse(leaf, index, other, proof, edge.root())
        refuse(leaf_hash(b"another"), index, size, proof, edge.root())


def test_tl_6_a_node_is_never_taken_for_a_leaf() -> None:
    """Second preimage: the two hashes under a node, given as the body of a leaf, hash to something else."""
    edge, made = grown(bodies(2))
    as_body = made[0, 0] + made[0, 1]
    assert leaf_hash(as_body) != edge.root() == tree.node_hash(made[0, 0], made[0, 1])
    refuse(leaf_hash(as_body), 0, 1, [], edge.root())


def test_tl_6_forged_proofs_of_consistency_are_refused() -> None:
    size = 21
    roots = [defined(bodies(count)) for count in range(size + 1)]
    _, made = grown(bodies(size))
    for old in range(1, size):
        proof = tree.consistency(old, size, lambda *one: made[one])
        wrong = [proof[:-1], [*proof, proof[-1]], [], [bytes(32), *proof[1:]], [proof[0][:31], *proof[1:]]]
        for one in wrong:
            with pytest.raises(Forged):
                tree.verify_consistency(old, roots[old], size, roots[size], one)
        for a, b in ((size, old), (old, size + 1 << 6), (-1, size), (size + 1, size)):
            with pytest.raises(Forged):
                tree.verify_consistency(a, roots[old], b, roots[size], proof)
    with pytest.raises(Forged):
        tree.verify_consistency(0, roots[1], size, roots[size], [])
    with pytest.raises(Forged):
        tree.verify_consistency(size, roots[size], size, roots[1], [])
    tree.verify_consistency(0, EMPTY, size, roots[size], [])
    tree.verify_consistency(size, roots[size], size, roots[size], [])


def test_what_a_tree_cannot_hold_has_no_proof() -> None:
    _, made = grown(bodies(3))
    for index, size in ((3, 3), (-1, 3), (0, 0)):
        with pytest.raises(ValueError, match="has no leaf"):
            tree.inclusion(index, size, lambda *one: made[one])
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="does not go on"):
            tree.consistency(old, new, lambda *one: made[one])


def refuse(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    with pytest.raises(Forged):
        tree.verify_inclusion(leaf, index, size, proof, root)
