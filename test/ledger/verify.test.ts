import { expect, test } from 'vitest'
import { type LedgerEntry, NO_HASH, sealed } from '../../src/ledger/entry.ts'
import { EXPORT_FORMAT, verifyExport } from '../../src/ledger/verify.ts'

const ACCOUNT = 'acc_0123456789abcdef'

/** The lines of an export with so many entries of one base unit each. */
function exportOf(count: number): string[] {
  const entries: LedgerEntry[] = []
  for (let n = 1; n <= count; n++) {
    const previous = entries.at(-1)?.hash ?? NO_HASH
    const entry = {
      n,
      at: n,
      op: `novelty:ask_${n}:${ACCOUNT}`,
      account: ACCOUNT,
      amount: '1',
      before: n - 1,
      previous,
    }
    entries.push(sealed(entry))
  }
  const head = { format: EXPORT_FORMAT, entries: count, minted: `${count}`, hash: entries.at(-1)?.hash ?? NO_HASH }
  return [head, ...entries].map((line) => JSON.stringify(line))
}

/** Checks lines that come in pieces which may end anywhere. */
async function check(lines: readonly string[], size = 7) {
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield new Uint8Array(bytes.subarray(at, at + size))
  }
  return verifyExport(pieces())
}

test('a sound export verifies, as does an empty ledger', async () => {
  const lines = exportOf(3)
  const { hash } = JSON.parse(lines[3]!) as LedgerEntry
  expect(await check(lines)).toEqual({ ok: true, entries: 3, minted: '3', hash })
  expect(await check(exportOf(0))).toEqual({ ok: true, entries: 0, minted: '0', hash: NO_HASH })
})

const edited = (field: string, value: unknown) => (lines: readonly string[]) =>
  lines.with(2, JSON.stringify({ ...JSON.parse(lines[2]!), [field]: value }))
const resealed = (lines: readonly string[]) =>
  lines.with(2, JSON.stringify(sealed({ ...JSON.parse(lines[2]!), amount: '2' })))

test.each<[string, (lines: readonly string[]) => readonly string[], number, number, RegExp]>([
  ['an amount', edited('amount', '2'), 3, 2, /a field was changed/],
  ['a time', edited('at', 7), 3, 2, /a field was changed/],
  ['an operation', edited('op', `novelty:ask_9:${ACCOUNT}`), 3, 2, /a field was changed/],
  ['an account', edited('account', 'acc_AAAAAAAAAAAAAAAA'), 3, 2, /a field was changed/],
  ['a link', edited('before', 0), 3, 2, /a field was changed/],
  ['a number', edited('n', 5), 3, 2, /expected entry 2, found entry 5/],
  ['a negative amount', edited('amount', '-2'), 3, 2, /^amount: /],
  ['another field', edited('owner', 'ann'), 3, 2, /owner/],
  ['an amount with its hash', resealed, 4, 3, /`previous` is not the hash/],
  ['an entry that is missing', (lines) => lines.toSpliced(2, 1), 3, 2, /expected entry 2, found entry 3/],
  ['two entries in another order', ([a, b, c, d]) => [a!, c!, b!, d!], 2, 1, /expected entry 1/],
  ['a line that is no JSON', (lines) => lines.with(3, '{'), 4, 3, /as JSON/],
  ['a line without an end', (lines) => lines.with(3, 'x'.repeat(9_000)), 4, 3, /too long/],
  ['an end that is cut off', (lines) => lines.slice(0, 3), 4, 3, /says 3 entries, the file ends after 2/],
  ['another head', (lines) => ['{}', ...lines.slice(1)], 1, 0, /expected a first line/],
  ['a head with another sum', (lines) => lines.with(0, lines[0]!.replace('"3"', '"4"')), 1, 0, /differ/],
  ['nothing', () => [], 1, 0, /first line/],
])('%s is named', async (_, damage, line, n, why) => {
  const found = await check(damage(exportOf(3)), 1000)
  expect(found).toMatchObject({ ok: false, damage: { line, n, why: expect.stringMatching(why) } })
  expect(found.entries).toBe(n === 0 ? found.entries : n - 1)
})
