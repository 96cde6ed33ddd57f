import { expect, test } from 'vitest'
import { contextOf } from '../../../src/agent/context/context-of.ts'
import { filesTouched } from '../../../src/agent/context/files-touched.ts'
import { shortenResult } from '../../../src/agent/context/shorten.ts'
import { type OfferedTool, offeredTools } from '../../../src/agent/context/tool-offers.ts'
import type { Round } from '../../../src/agent/protocol/rounds.ts'
import type { CallStatus } from '../../../src/agent/protocol/stored-goal.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { toolRoundMessages } from '../../../src/model/call/tool-calling.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { builtinTools } from '../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { CLERK } from '../goal/folder.ts'

const TOOLS: ReadonlyMap<string, OfferedTool> = offeredTools(CLERK, createToolbox(builtinTools))
const KIB = 1024

type Shape = { readonly calls?: number; readonly size?: number; readonly status?: CallStatus; readonly input?: Json }

/** A round in which the model reads files. */
function round(number: number, { calls = 32, size = 8 * KIB, status = 'succeeded', input }: Shape = {}): Round {
  const places = Array.from({ length: calls }, (_, at) => at + 1)
  const parameters = (at: number) => ({ path: `notes/${number}/${at}.txt`, ...(input !== undefined && { input }) })
  const text = (at: number) => `result ${number}.${at} `.padEnd(size, 'x')
  return {
    said: places.map((at) => ({
      ...{ type: 'tool-call', toolCallId: `id_${number}_${at}`, toolName: 'filesystem_read' },
      input: parameters(at),
    })),
    calls: places.map((at) => ({
      ...{ id: `id_${number}_${at}`, name: 'filesystem_read', tool: 'filesystem:read', parameters: parameters(at) },
      ...{ step: `call_${at}`, result: shortenResult(status, text(at)) },
    })),
  }
}

const rounds = (count: number, shape?: Shape) => Array.from({ length: count }, (_, at) => round(at + 1, shape))

function request(all: readonly Round[], window: number, told: readonly string[] = []): ModelRequest {
  const offers = Array.from(TOOLS.values(), ({ offer }) => offer)
  const files = filesTouched(all, TOOLS)
  return contextOf({
    definition: CLERK,
    goal: 'Read all notes.',
    rounds: all,
    notes: told,
    tools: offers,
    window,
    files,
  })
}

/** Tokens of a request, three bytes for each. */
const tokensOf = ({ system, instruction, tools, rounds: shown }: ModelRequest) =>
  Buffer.byteLength(JSON.stringify([system, instruction, tools, shown])) / 3

const outputs = ({ rounds: shown = [] }: ModelRequest) =>
  shown.filter(({ results }) => results.length > 0).map(({ results }) => results.map(({ output }) => output))

/** The messages of a request, and whether each call in them has its result right behind it. */
const messages = ({ rounds: shown = [] }: ModelRequest) => shown.flatMap((round) => toolRoundMessages(round))

function unanswered(sent: ModelRequest): string[] {
  const parts = messages(sent).flatMap(({ content }) => content as { type: string; toolCallId?: string }[])
  const ids = (type: string) => parts.filter((part) => part.type === type).map(({ toolCallId }) => toolCallId!)
  const answered = ids('tool-result')
  return [
    ...ids('tool-call').filter((id) => !answered.includes(id)),
    ...answered.filter((id, at) => ids('tool-call')[at] !== id),
  ]
}

test.each([32_000, 128_000])('a request takes at most 60 percent of a window of %s tokens', (window) => {
  for (const count of [1, 2, 3, 4, 5, 25]) {
    const sent = request(rounds(count), window)
    expect(tokensOf(sent)).toBeLessThanOrEqual(window * 0.6)
    expect(unanswered(sent)).toEqual([])
  }
  const written = request(rounds(5, { input: 'y'.repeat(20 * KIB) }), window)
  expect(tokensOf(written)).toBeLessThanOrEqual(window * 0.6)
  expect(tokensOf(request(rounds(5), window, ['A person says: '.padEnd(4000, 'z')]))).toBeLessThanOrEqual(window * 0.6)
})

test('results of the last three rounds keep head, tail and handle when they have to shrink', () => {
  const sent = request(rounds(5), 128_000)
  const [first, second, ...last] = outputs(sent)
  for (const output of [...first!, ...second!]) expect(output).toBe('(8192 characters, no longer shown)')
  for (const [at, shown] of last.entries())
    for (const [call, output] of shown.entries()) {
      expect(output).toContain(`result ${at + 3}.${call + 1} `)
      expect(output).toContain(`handle ${at + 3}.call_${call + 1}, pages 1 to 1`)
      expect(output).toMatch(/x\n<\/last \w+>$/)
    }
  // the oldest first
  const lengths = last.map(([output]) => String(output).length)
  expect(lengths).toEqual(lengths.toSorted((one, other) => one - other))
})

test('the last three rounds stay whole when they fit, and old calls are one line each', () => {
  const all = rounds(12, { calls: 4, size: 6 * KIB })
  const sent = request(all, 60_000)
  const shown = outputs(sent)
  expect(shown).toHaveLength(12)
  for (const [at, results] of shown.slice(-3).entries())
    expect(results).toEqual(all[at + 9]!.calls.map(({ result }) => result!.output))
  for (const output of shown[0]!) expect(output).toBe('(6144 characters, no longer shown)')
  expect(tokensOf(sent)).toBeLessThanOrEqual(36_000)
})

test('the beginning stays the same, byte for byte, while nothing shrinks', () => {
  const all = rounds(20, { calls: 2, size: 200 })
  let before = ''
  for (let count = 1; count <= all.length; count++) {
    const { rounds: shown, ...rest } = request(all.slice(0, count), 128_000)
    const text = JSON.stringify(rest) + JSON.stringify(shown).slice(0, -1)
    expect(text.startsWith(before)).toBe(true)
    before = text
  }
})

test('rounds shrink in steps, so that most requests begin like the one before', () => {
  const all = rounds(60, { calls: 4, size: 4 * KIB })
  let before = ''
  let changes = 0
  for (let count = 1; count <= all.length; count++) {
    const sent = request(all.slice(0, count), 128_000)
    expect(tokensOf(sent)).toBeLessThanOrEqual(128_000 * 0.6)
    const text = JSON.stringify(sent.rounds!.filter(({ results }) => results.length > 0)).slice(0, -1)
    if (!text.startsWith(before)) changes++
    before = text
  }
  expect(changes).toBeGreaterThan(0)
  expect(changes).toBeLessThan(15)
})

test('the oldest lines are left out when they alone take too much, and texts of people stay', () => {
  const [first, ...others] = rounds(25, { size: 10 })
  const told = 'A person says: mind the tides'
  const sent = request([{ ...first!, told: [told] }, ...others], 32_000)
  expect(tokensOf(sent)).toBeLessThanOrEqual(32_000 * 0.6)
  expect(sent.rounds![0]).toMatchObject({
    told: [told, expect.stringMatching(/^The first \d+ rounds with their \d+ calls/)],
  })
  expect(unanswered(sent)).toEqual([])
})

test('each call has a result, also if it failed or was cancelled', () => {
  for (const status of ['failed', 'rejected', 'refused', 'unknown', 'cancelled'] as const)
    for (const window of [32_000, 128_000]) {
      const sent = request(rounds(5, { status }), window)
      expect(unanswered(sent)).toEqual([])
      expect(sent.rounds!.flatMap(({ results }) => results).every(({ failed }) => failed)).toBe(true)
    }
  const { said, calls } = round(1, { calls: 2 })
  // a crash: the result of the second call never came
  const cut: Round = {
    said,
    calls: calls.map(({ result, ...call }, at) => (at === 0 ? { ...call, result: result! } : call)),
  }
  const sent = request([cut], 128_000)
  expect(unanswered(sent)).toEqual([])
  expect(outputs(sent)[0]![1]).toEqual({
    unknown: 'the work was stopped; whether the call was made is not known',
  })
})

test('the files that calls named are listed once rounds are no longer whole', () => {
  const last = (sent: ModelRequest) => sent.rounds!.at(-1)!.now?.join('\n') ?? ''
  expect(last(request(rounds(3, { calls: 2, size: 10 }), 128_000))).toBe('')
  const text = last(request(rounds(8), 32_000))
  expect(text).toContain('Files that your calls have named so far.')
  expect(text).toContain('"notes/8/32.txt"')
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
})

test('the list of files has each path once, the newest last, and no path of a call that was not made', () => {
  const once = round(1, { calls: 2 })
  const again = round(1, { calls: 1 })
  const { said, calls } = round(2, { calls: 1 })
  const refused: Round = { said, calls: calls.map(({ step: _, ...call }) => call) }
  expect(filesTouched([once, again, refused], TOOLS)).toEqual(['notes/1/2.txt', 'notes/1/1.txt'])
  expect(filesTouched(rounds(9), TOOLS)).toHaveLength(50)
})
