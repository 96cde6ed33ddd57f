/// The coin CHOIR. Its treasury mints up to a cap, and pays each citation once.
module choir::choir;

use sui::coin::{Self, TreasuryCap};
use sui::event;
use sui::table::{Self, Table};

/// The total would exceed `MAX_SUPPLY`.
const EMINT_EXCEEDS_CAP: u64 = 0;
/// The pair of citing and cited was paid.
const EALREADY_PAID: u64 = 1;
/// A citation pays more than 0.
const EBAD_AMOUNT: u64 = 2;
/// A hash has 32 bytes: no text is ever stored here.
const EBAD_HASH: u64 = 3;

/// 10,000,000,000 CHOIR of 1,000,000,000 base units.
const MAX_SUPPLY: u64 = 10_000_000_000_000_000_000;

/// The one-time witness.
public struct CHOIR has drop {}

/// Mints, and knows what it paid. It belongs to one address, so its transactions follow each other.
public struct TreasuryCapability has key, store {
    id: UID,
    cap: TreasuryCap<CHOIR>,
    total_minted: u64,
    paid: Table<Pair, bool>,
}

/// A citation: the SHA-256 of the citing ask and of the cited record.
public struct Pair has copy, drop, store {
    citing: vector<u8>,
    cited: vector<u8>,
}

/// A citation was paid.
public struct Cited has copy, drop {
    citing: vector<u8>,
    cited: vector<u8>,
    amount: u64,
    author: address,
}

fun init(witness: CHOIR, ctx: &mut TxContext) {
    let (cap, metadata) = coin::create_currency(
        witness,
        9,
        b"CHOIR",
        b"Choir",
        b"",
        option::none(),
        ctx,
    );
    transfer::public_freeze_object(metadata);
    let treasury = TreasuryCapability { id: object::new(ctx), cap, total_minted: 0, paid: table::new(ctx) };
    transfer::transfer(treasury, tx_context::sender(ctx));
}

/// Mints to a recipient.
public fun mint(treasury: &mut TreasuryCapability, amount: u64, recipient: address, ctx: &mut TxContext) {
    // subtracted, since a sum could exceed 64 bits
    assert!(amount <= MAX_SUPPLY - treasury.total_minted, EMINT_EXCEEDS_CAP);
    treasury.total_minted = treasury.total_minted + amount;
    transfer::public_transfer(coin::mint(&mut treasury.cap, amount, ctx), recipient);
}

/// Pays the author of a cited record, once for each pair.
public fun record_citation(
    treasury: &mut TreasuryCapability,
    citing: vector<u8>,
    cited: vector<u8>,
    amount: u64,
    author: address,
    ctx: &mut TxContext,
) {
    assert!(vector::length(&citing) == 32 && vector::length(&cited) == 32, EBAD_HASH);
    assert!(amount > 0, EBAD_AMOUNT);
    let pair = Pair { citing, cited };
    assert!(!table::contains(&treasury.paid, pair), EALREADY_PAID);
    table::add(&mut treasury.paid, pair, true);
    mint(treasury, amount, author, ctx);
    event::emit(Cited { citing, cited, amount, author });
}

/// All that was minted, in base units.
public fun total_minted(treasury: &TreasuryCapability): u64 {
    treasury.total_minted
}

/// Whether a pair was paid.
public fun is_paid(treasury: &TreasuryCapability, citing: vector<u8>, cited: vector<u8>): bool {
    table::contains(&treasury.paid, Pair { citing, cited })
}

#[test_only]
public fun init_for_testing(ctx: &mut TxContext) {
    init(CHOIR {}, ctx)
}
