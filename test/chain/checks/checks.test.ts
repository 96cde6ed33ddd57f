import { describe, expect, test } from 'vitest'
import { checkAnswer } from '../../../src/chain/checks/checks.ts'
import type { Hit } from '../../../src/thread/protocol/phase-types.ts'

const NOW = Date.parse('2026-06-01')
const hit = (text: string, more: Partial<Hit> = {}): Hit => ({
  ...{ vid: 'v1', source: 'f1', file: 'lease.md', line: 1, endLine: 1, heading: '', text, score: 1 },
  ...more,
})
const LEASE = hit(
  'The tenant pays €1,200 a month. Notice is two months. The lease ends on 31 March 2027 at 17:30; 5 % is kept as "the reserve".',
)
const faults = (check: string, text: string, cited: readonly Hit[] = [LEASE]) =>
  checkAnswer([check], { text, cited, now: NOW })[0]!.faults

describe('cited', () => {
  test.each([
    'The landlord repairs it. <vid>v1</vid>',
    'The landlord repairs it <vid>v1</vid>.',
    '# Repairs\n\nThese hold:\n\n- The roof is his. <vid>v1</vid>\n- The jetty is yours <vid>v1</vid>',
    'It is his. <vid>v1</vid> It is yours. <vid>v1</vid>',
    'It is his. <vid>v1</vid>\nThe texts do not say: who mows?',
    '',
  ])('passes %j', (text) => expect(faults('cited', text)).toEqual([]))

  test.each([
    ['It is his. It is yours. <vid>v1</vid>', 'It is his.'],
    ['It is his. <vid>v1</vid> It is yours.', 'It is yours.'],
    ['- a thing <vid>v1</vid>\n- another thing', 'another thing'],
  ])('tells of %j', (text, claim) => {
    expect(faults('cited', text)).toEqual([`no text is cited for ${JSON.stringify(claim)}`])
  })
})

describe('numbers', () => {
  test.each([
    'He pays 1200 euros a month.',
    'He pays 1,200 EUR.',
    'He pays 1 200.',
    'Notice is 2 months.',
    'Notice is two months.',
    'It ends on 2027-03-31.',
    'It ends on March 31, 2027.',
    'It ends in March 2027.',
    'It ends on the 31st of March.',
    'It ends in 2027 at 17:30.',
    '5 percent is kept.',
    '1. Someone pays.\n2. Everyone pays.',
    'One may ask.',
    'See <vid>v1</vid>',
  ])('passes %j', (text) => expect(faults('numbers', text)).toEqual([]))

  test.each([
    ['He pays 1300 euros.', '1300 euros'],
    ['He pays 1200 dollars.', '1200 dollars'],
    ['Notice is three months.', 'three months'],
    ['Notice is 2 weeks.', '2 weeks'],
    ['It ends on 30 March 2027.', '30 March 2027'],
    ['It ends on 2028-03-31.', '2028-03-31'],
    ['It ends in April 2027.', 'April 2027'],
    ['6 % is kept.', '6 %'],
  ])('tells of %j', (text, written) => {
    expect(faults('numbers', text)).toEqual([`no cited text states ${written}, as in ${JSON.stringify(text)}`])
  })

  test('reads a number of either custom', () => {
    expect(faults('numbers', 'It costs 1.500,50 euros.', [hit('It costs €1,500.50.')])).toEqual([])
    expect(faults('numbers', 'It is 1.5 m.', [hit('Es sind 1,5 m.')])).toEqual([])
    expect(faults('numbers', 'It costs 24.00, or 17.80 in 3 days.', [hit('Flyer,24.00,17.80,3 days')])).toEqual([])
    expect(faults('numbers', 'It is 1.2.4.', [hit('It is 1.2.3, with 4 more.')])).toHaveLength(1)
  })
})

describe('quotes', () => {
  test.each([
    'It says "Notice is two months." <vid>v1</vid>',
    'It says “Notice is two months”.',
    '> Notice is two\n\nand more',
    'It is called "the reserve".',
  ])('passes %j', (text) => expect(faults('quotes', text)).toEqual([]))

  test.each([
    ['It says "Notice is three months."', 'Notice is three months.'],
    ['> Notice is forever', 'Notice is forever'],
  ])('tells of %j', (text, quote) => {
    expect(faults('quotes', text)).toEqual([`no cited text says ${JSON.stringify(quote)} word for word`])
  })
})

test('fresh reports texts that are too old or have no date', () => {
  const old = hit('x', { changedAt: NOW - 91 * 86_400_000 })
  expect(faults('fresh: 90d', 'x', [old])).toEqual(['lease.md is 91 days old, and at most 90 are allowed'])
  expect(faults('fresh: 91d', 'x', [old])).toEqual([])
  expect(faults('fresh: 90d', 'x', [hit('x')])).toEqual(['the age of lease.md is not known'])
})
