#[test_only]
module choir::choir_tests;

use choir::choir::{Self, CHOIR, TreasuryCapability};
use sui::coin::{Self, Coin};
use sui::test_scenario::{Self, Scenario};

const PUBLISHER: address = @0xA;
const AUTHOR: address = @0xB;
const CHOIR_UNIT: u64 = 1_000_000_000;
const MAX_SUPPLY: u64 = 10_000_000_000_000_000_000;

fun begin(): Scenario {
    let mut scenario = test_scenario::begin(PUBLISHER);
    choir::init_for_testing(test_scenario::ctx(&mut scenario));
    test_scenario::next_tx(&mut scenario, PUBLISHER);
    scenario
}

/// 32 bytes that begin with `first`.
fun hash_of(first: u8): vector<u8> {
    let mut hash = vector[first];
    while (vector::length(&hash) < 32) vector::push_back(&mut hash, 0);
    hash
}

fun end(scenario: Scenario, treasury: TreasuryCapability) {
    test_scenario::return_to_sender(&scenario, treasury);
    test_scenario::end(scenario);
}

#[test]
fun pays_a_citation_and_counts_it() {
    let mut scenario = begin();
    let mut treasury = test_scenario::take_from_sender<TreasuryCapability>(&scenario);
    let ctx = test_scenario::ctx(&mut scenario);
    choir::mint(&mut treasury, CHOIR_UNIT, AUTHOR, ctx);
    choir::record_citation(&mut treasury, hash_of(1), hash_of(2), 2 * CHOIR_UNIT, AUTHOR, ctx);
    assert!(choir::total_minted(&treasury) == 3 * CHOIR_UNIT, 100);
    assert!(choir::is_paid(&treasury, hash_of(1), hash_of(2)), 101);
    // the same record in another ask is another citation
    assert!(!choir::is_paid(&treasury, hash_of(3), hash_of(2)), 102);
    test_scenario::next_tx(&mut scenario, AUTHOR);
    let coin = test_scenario::take_from_sender<Coin<CHOIR>>(&scenario);
    assert!(coin::value(&coin) == 2 * CHOIR_UNIT, 103);
    test_scenario::return_to_sender(&scenario, coin);
    test_scenario::next_tx(&mut scenario, PUBLISHER);
    end(scenario, treasury);
}

#[test]
#[expected_failure(abort_code = 1, location = choir)]
fun refuses_a_pair_that_was_paid() {
    let mut scenario = begin();
    let mut treasury = test_scenario::take_from_sender<TreasuryCapability>(&scenario);
    let ctx = test_scenario::ctx(&mut scenario);
    choir::record_citation(&mut treasury, hash_of(1), hash_of(2), 1, AUTHOR, ctx);
    choir::record_citation(&mut treasury, hash_of(1), hash_of(2), 1, PUBLISHER, ctx);
    end(scenario, treasury);
}

#[test]
#[expected_failure(abort_code = 2, location = choir)]
fun refuses_zero() {
    let mut scenario = begin();
    let mut treasury = test_scenario::take_from_sender<TreasuryCapability>(&scenario);
    let ctx = test_scenario::ctx(&mut scenario);
    choir::record_citation(&mut treasury, hash_of(1), hash_of(2), 0, AUTHOR, ctx);
    end(scenario, treasury);
}

#[test]
#[expected_failure(abort_code = 3, location = choir)]
fun refuses_what_is_no_hash() {
    let mut scenario = begin();
    let mut treasury = test_scenario::take_from_sender<TreasuryCapability>(&scenario);
    let ctx = test_scenario::ctx(&mut scenario);
    choir::record_citation(&mut treasury, b"my question", hash_of(2), 1, AUTHOR, ctx);
    end(scenario, treasury);
}

#[test]
#[expected_failure(abort_code = 0, location = choir)]
fun refuses_more_than_the_cap() {
    let mut scenario = begin();
    let mut treasury = test_scenario::take_from_sender<TreasuryCapability>(&scenario);
    let ctx = test_scenario::ctx(&mut scenario);
    choir::mint(&mut treasury, MAX_SUPPLY, AUTHOR, ctx);
    choir::record_citation(&mut treasury, hash_of(1), hash_of(2), 1, AUTHOR, ctx);
    end(scenario, treasury);
}

#[test]
#[expected_failure(abort_code = 0, location = choir)]
fun a_sum_over_64_bits_is_the_same_refusal() {
    let mut scenario = begin();
    let mut treasury = test_scenario::take_from_sender<TreasuryCapability>(&scenario);
    let ctx = test_scenario::ctx(&mut scenario);
    choir::mint(&mut treasury, MAX_SUPPLY, AUTHOR, ctx);
    choir::mint(&mut treasury, 18_446_744_073_709_551_615, AUTHOR, ctx);
    end(scenario, treasury);
}
