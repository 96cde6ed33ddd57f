import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { NewRecord, RecordFilter, RecordSource } from '../../src/memory/record.ts'
import { add } from '../../src/memory/store/add.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { beginErasure } from '../../src/memory/store/erase.ts'
import { openOwner } from '../../src/memory/store/owners.ts'
import { acceptProposal, listProposals } from '../../src/memory/store/proposals/decide.ts'
import { get, list } from '../../src/memory/store/read.ts'
import { search } from '../../src/memory/store/search/search.ts'
import { createSignatureCache } from '../../src/memory/store/search/signatures.ts'
import { undo } from '../../src/memory/store/write.ts'
import { fc, runs } from '../property.ts'
import { openFile } from './folder.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)
const home = (text: string, more: Partial<NewRecord> = {}): NewRecord => ({ subject: 'home', text, ...more })
const WORK: RecordSource = { type: 'model', ref: 'agents/clerk' }

/** The store of one owner, whose clock each call names. */
function openStore() {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const connection = openConnection(join(folder, 'memory.db'), 'write')
  const signatures = createSignatureCache()
  onTestFinished(() => {
    connection.close()
    rmSync(folder, { recursive: true })
  })
  return (owner: string, number = openOwner(connection, owner)) => ({
    add: (record: NewRecord, now: number, source?: RecordSource) =>
      add(connection, owner, [record], { ...(source && { source }) }, now),
    texts: (now: number, filter: RecordFilter = {}) =>
      list(connection, number, filter, now)
        .map(({ text }) => text)
        .sort(),
    found: (text: string, now: number) =>
      search(connection, signatures, number, { text, limit: 100 }, now).records.map((one) => one.text),
    get: (id: string, now: number) => get(connection, number, id, now),
    forget: (id: string, now: number) => beginErasure(connection, owner, { target: { id } }, now),
    undo: (change: number, now: number) => undo(connection, number, { change }, now),
    accept: (id: string, now: number) => acceptProposal(connection, number, { id }, now),
    proposals: (now: number) => listProposals(connection, number, {}, now),
    /** all facts as a store of before would have them: no time of learning is before an earlier one */
    age: () =>
      connection.run(
        `update record set valid_from = iif(valid_from = learned_at, t, valid_from), learned_at = t
         from (select rid one, (select max(e.learned_at) from record e where e.rid <= r.rid) t from record r) where rid = one`,
      ),
  })
}

describe('under a clock that was wrong', () => {
  test.each([
    ['days ahead', 30 * DAY],
    ['an hour behind', -HOUR],
  ])('%s, what is added later is there at once, and the last fact holds', async (_, wrong) => {
    const { memory, clock } = openFile()
    const ada = memory()
    const now = () => ada.list().then((all) => all.map(({ text }) => text).sort())
    clock.now = START
    await ada.add([home('Berlin')])
    clock.now = START + wrong
    await ada.add([home('Rome'), { text: 'a note' }])
    expect(await now()).toEqual(['Rome', 'a note'])
    clock.now = START + 1
    expect(await now()).toEqual(['Rome', 'a note'])
    const { records } = await ada.add([home('Oslo'), { text: 'another note' }])
    expect(await now()).toEqual(['Oslo', 'a note', 'another note'])
    expect((await ada.search({ text: 'home note' })).records.map(({ text }) => text).sort()).toEqual(await now())
    expect((await ada.get(records[0]!.id)).history.map(({ text }) => text)).toEqual(['Oslo', 'Rome', 'Berlin'])
    clock.now = START + 90 * DAY
    expect(await now()).toEqual(['Oslo', 'a note', 'another note'])
  })

  test('a fact that was given its time keeps it, and one that was given none yields to it', () => {
    const ada = openStore()('ada')
    ada.add(home('Berlin'), START)
    ada.add(home('Rome'), START + 2 * DAY)
    // an hour later, by a clock that is right
    ada.add(home('Oslo', { validFrom: START + HOUR / 2 }), START + HOUR)
    expect(ada.texts(START + HOUR)).toEqual(['Oslo'])
    ada.add(home('Paris', { validFrom: START + DAY }), START + HOUR)
    expect(ada.texts(START + DAY - 1)).toEqual(['Oslo'])
    expect(ada.texts(START + DAY)).toEqual(['Paris'])
  })

  test('a proposal that is accepted last is known last, and its fact can be undone', () => {
    const ada = openStore()('ada')
    ada.add(home('Berlin'), START)
    ada.add(home('Rome'), START + 30 * DAY, WORK)
    ada.add(home('Oslo'), START + 20 * DAY)
    const [{ id } = { id: '' }] = ada.proposals(START + 1)
    expect(ada.accept(id, START + 1)).toMatchObject({ learnedAt: START + 1 })
    expect(ada.texts(START + 1)).toEqual(['Rome'])
    ada.undo(3, START)
    expect(ada.texts(START)).toEqual(['Oslo'])
  })

  test('a forgotten fact ends the one before it, and a person adds it again', () => {
    const ada = openStore()('ada')
    ada.add(home('Berlin'), START)
    ada.add(home('Rome'), START + 30 * DAY)
    const [rome] = ada.add(home('Rome'), START + 1).records
    ada.forget(rome!.id, START + 30 * DAY)
    expect(ada.texts(START + 2)).toEqual([])
    expect(ada.add(home('Rome'), START + 2).records).toMatchObject([{ status: 'added' }])
    expect(ada.add(home('Berlin'), START + 3).records).toMatchObject([{ status: 'added' }])
    expect(ada.texts(START + 3)).toEqual(['Berlin'])
  })

  test('a file of before shows all that it has', () => {
    const ada = openStore()('ada')
    ada.add(home('Berlin'), START)
    ada.add(home('Rome'), START + 30 * DAY)
    ada.add({ text: 'a note' }, START + 1)
    ada.add(home('Oslo'), START + 1)
    ada.age()
    expect(ada.texts(START + 2)).toEqual(['Oslo', 'a note'])
    ada.add(home('Paris'), START + 3)
    expect(ada.texts(START + 3)).toEqual(['Paris', 'a note'])
  })
})

const jump = fc.constantFrom(0, 0, 30 * DAY, -HOUR, 2 * DAY, -2 * DAY)
const change = fc.record({
  type: fc.constantFrom('fact', 'fact', 'note', 'work', 'forget', 'undo', 'accept'),
  text: fc.nat(3),
  subject: fc.nat(1),
  jump,
})

test('acknowledged facts are present under any clock, and the last fact of a subject holds', () => {
  const store = openStore()
  let owners = 0
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (ops) => {
      const ada = store(`ada ${++owners}`)
      const notes = new Set<string>()
      /** of each subject the facts that were learned, in order; null: the last one was forgotten */
      const facts: Map<string, (readonly [text: string, change: number, id: string] | null)[]> = new Map()
      for (const [place, { type, text: n, subject: s, jump }] of ops.entries()) {
        const now = START + place * 1_000 + jump
        const subject = `s${s}`
        const known = facts.get(subject) ?? []
        facts.set(subject, known)
        const text = `${subject} is ${n}`
        const last = known.at(-1)
        if (type === 'note') {
          ada.add({ text: `note ${n}` }, now)
          notes.add(`note ${n}`)
        } else if (type === 'fact') {
          const { records, change } = ada.add({ subject, text }, now)
          if (last?.[0] !== text) expect(change).toBeDefined()
          if (change !== undefined) known.push([text, change, records[0]!.id])
        } else if (type === 'work' && last) ada.add({ subject, text }, now, WORK)
        else if (type === 'accept') {
          for (const { id, subject, text } of ada.proposals(now).slice(0, 1)) {
            ada.accept(id, now)
            facts.get(subject!)!.push([text, 0, id])
          }
        } else if (type === 'forget' && last) {
          ada.forget(last[2], now)
          known.splice(0, known.length, ...known.filter((one) => one?.[2] !== last[2]), null)
        } else if (type === 'undo' && last && last[1] > 0) {
          ada.undo(last[1], now)
          known.pop()
        }
        const holding = [...facts.values()].flatMap((all) => all.at(-1)?.[0] ?? [])
        for (const at of [now, START + 40_000, START + 100 * DAY]) {
          expect(ada.texts(at)).toEqual([...notes, ...holding].sort())
          expect(ada.found('note s0 s1', at).sort()).toEqual([...notes, ...holding].sort())
        }
      }
    }),
    runs(30),
  )
})
