import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { whyLines } from '../../src/cli/commands/inspect/why.ts'
import { printRun } from '../../src/cli/render/print.ts'
import { explainError } from '../../src/cli/terminal/errors.ts'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'
import type { Why } from '../../src/runtime/ports/inspector.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const PIPELINE = `name: p
steps:
  - { id: list, tool: terminal, action: execute, parameters: { command: "ls | wc -l" }, on_failure: continue }
  - { id: count, tool: terminal, action: execute, parameters: { command: "echo {{ list.stdout }}" } }
`

const COLORS = picocolors.createColors(false)

/** A run whose first step needs a shell, and whose second reads what the first did not come to. */
async function runFailing() {
  const folder = openFolder()
  folder.write('p.yaml', PIPELINE)
  const runtime = await folder.open()
  const { id } = await runtime.runs.start({ file: folder.path('p.yaml') })
  await runtime.idle()
  return { folder, runtime, id }
}

it('the hint of a failed step is in the document, under its message, and in `why`', async () => {
  const { runtime, id } = await runFailing()
  const run = await runtime.runs.get(id)
  const shell = expect.stringMatching(/^Set `shell: true`/)
  const guard =
    "To continue without it, write `{{ list.stdout | default('…') }}`, or check it first: `{% if list is not skipped %}`."
  const unresolved =
    "parameters.command: unresolved: 'list.stdout' (line 1, column 9); `list` failed: command: `|` needs a shell: ls | wc -l"
  expect(run).toMatchObject({ failed_step: 'count', error: unresolved, error_hint: guard })
  expect(run.steps).toMatchObject({
    list: { error_code: 'shell_needed', error_hint: shell },
    count: { error_hint: guard },
  })

  const said: string[] = []
  const say = (text: string) => void said.push(text)
  printRun({ say, out: say } as Partial<Terminal> as Terminal, run, false)
  expect(said.slice(-4)).toEqual([
    '  list: command: `|` needs a shell: ls | wc -l',
    expect.stringMatching(/^ {4}Set `shell: true`/),
    `  count: ${unresolved}`,
    `    ${guard}`,
  ])

  const why = await runtime.inspector.why(id)
  const lines = whyLines(why, { now: Date.now(), colors: COLORS, command: (...args) => args.join(' ') })
  expect(lines.join('\n')).toContain(`needs a shell: ls | wc -l (${guard})`)
})

it('the command that continues an ask of a killed process works for any id and thread', () => {
  const hold = { type: 'left', since: 0, work: { kind: 'ask', id: 'ask_1' } } as const
  const left = (of: string, more: readonly Why[] = []): Why => ({
    of,
    status: 'left',
    holds: [hold],
    waitsFor: more,
    more: 0,
    letters: [],
  })
  const telling = { now: 0, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  const lines = whyLines(left('chain/lease', [left('phase/lease.action')]), telling)
  expect(lines.filter((line) => line.includes('→'))).toEqual(['  → to continue: serve', '    → to continue: serve'])
})

it('`agent resume` continues a goal that a killed process left', () => {
  const hold = { type: 'left', since: 0, work: { kind: 'goal', id: 'harbour' } } as const
  const why: Why = { of: 'agent/harbour', status: 'left', holds: [hold], waitsFor: [], more: 0, letters: [] }
  const below: Why = { ...why, of: 'run/harbour.1', holds: [{ ...hold, work: { kind: 'run', id: 'harbour.1' } }] }
  const telling = { now: 0, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  const lines = whyLines({ ...why, waitsFor: [below] }, telling)
  expect(lines.filter((line) => line.includes('→'))).toEqual([
    '  → to continue: agent resume harbour',
    '    → to continue: agent resume harbour',
  ])
})

it.each([
  ['busy/1', 'run', 'goal_7', 'resume goal_7'],
  ['busy/1', 'goal', 'run_7', 'agent resume run_7'],
  ['busy/1', 'ask', 'run_7', 'serve'],
  ['step/order-7.a', 'message', 'm1', 'resume order-7'],
] as const)('%s, left by a killed process with a message of the %s %s, continues with: %s', (of, kind, id, by) => {
  const holds: Why['holds'] = [{ type: 'left', since: 0, work: { kind, id } }]
  const why: Why = { of, status: 'left', holds, waitsFor: [], more: 0, letters: [] }
  const telling = { now: 0, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  expect(whyLines(why, telling).at(-1)).toBe(`  → to continue: ${by}`)
})

it('a call that a resource holds up names the resource, its limit and the time', () => {
  const effect = { name: 'execute', effect: 'idempotent', attempt: 1, does: 'the tool post' } as const
  const queued = { pool: 'p', place: 1, of: 3, resource: 'api: 60 per minute, next in 12 s' }
  const hold = { type: 'effect', work: { kind: 'run', id: 'run_1' }, effect, queued } as unknown as Why['holds'][number]
  const why: Why = { of: 'step/run_1.a', status: 'working', holds: [hold], waitsFor: [], more: 0, letters: [] }
  const telling = { now: 0, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  expect(whyLines(why, telling).slice(2)).toEqual([
    '  is number 1 of 3 in the queue of the pool p',
    '  waits for resource api: 60 per minute, next in 12 s',
    '  → continues by itself',
  ])
})

it.each([
  ['rounds', '--rounds 10'],
  ['tokens', '--tokens 200000'],
  ['deadline', '--minutes 30'],
] as const)('a goal at its limit of %s names the limit, and the command that raises it', (limit, option) => {
  const hold = { type: 'goal', reason: 'limit', title: 'The goal has used it.', since: 0, limit } as const
  const why: Why = { of: 'agent/harbour', status: 'waiting', holds: [hold], waitsFor: [], more: 0, letters: [] }
  const telling = { now: 2000, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  expect(whyLines(why, telling)).toEqual([
    'agent/harbour  waiting',
    '  waits (for 2.0 s): The goal has used it.',
    `  → to continue: agent resume harbour ${option}`,
  ])
})

it('a goal that a process left before it began was not interrupted, and begins when a process serves it', () => {
  const left = { type: 'left', work: { kind: 'goal', id: 'later' }, since: 0 } as const
  const start = { type: 'start', until: 62_000 } as const
  const why: Why = { of: 'agent/later', status: 'left', holds: [left, start], waitsFor: [], more: 0, letters: [] }
  const telling = { now: 2000, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  const said = whyLines(why, telling).slice(1)
  expect(said[0]).toBe('  no process is working on it')
  expect(said.slice(-2)).toEqual([
    expect.stringMatching(/^ {2}begins at .*, in 1 min 0 s$/),
    '  → begins by itself, in a process that serves the folder',
  ])
  const { holds: _, ...rest } = why
  expect(whyLines({ ...rest, holds: [start] }, telling).at(-1)).toBe('  → begins by itself')
  const debounced = { type: 'queue', key: 'k', behind: [{ kind: 'run', id: 'a' }], until: 7000 } as const
  expect(whyLines({ ...rest, holds: [debounced] }, telling).slice(-2)).toEqual([
    expect.stringMatching(
      /^ {2}waits until .*, in 5\.0 s, for another start of the key k, which would take its place$/,
    ),
    '  → begins when there is room',
  ])
})

it('a goal that waits because an outcome is unknown names the commands that tell it what a person found', () => {
  const hold = { type: 'goal', reason: 'unknown', title: 'It is unknown.', since: 0 } as const
  const why: Why = { of: 'agent/harbour', status: 'waiting', holds: [hold], waitsFor: [], more: 0, letters: [] }
  const telling = { now: 2000, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  expect(whyLines(why, telling)[2]).toBe(
    '  → to continue: agent tell harbour WHAT_YOU_FOUND, then agent resume harbour',
  )
})

it('an unknown run gets a hint with the nearest ids', async () => {
  const { runtime, id } = await runFailing()
  const told = async (of: string) => {
    const error: unknown = await runtime.runs.get(of).catch((error: unknown) => error)
    return explainError(error, '/')
  }
  const lists = '`antiphon runs` lists all runs.'
  expect(await told(id.slice(4, 12))).toEqual({
    text: `There is no run ${id.slice(4, 12)}.\n  Did you mean ${id}? ${lists}`,
    exit: 2,
  })
  expect((await told(`${id}x`)).text).toBe(`There is no run ${id}x.\n  Did you mean ${id}? ${lists}`)
  for (const act of [
    () => runtime.runs.resume('nope'),
    () => runtime.runs.cancel('nope', ''),
    () => runtime.runs.signal('nope', 'go', 1),
    () => runtime.runs.fork('nope'),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'not_found', hint: lists })
})

it('`why` says which calls did not stop at their timeout, and that they hold places', () => {
  const telling = { now: 5000, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  const about = { status: 'running', more: 0, letters: [] }
  const queued = { pool: 'text_step_pool', place: 1, of: 1, overdue: 2 }
  const step: Why = {
    ...about,
    of: 'step/r.next',
    waitsFor: [],
    holds: [{ type: 'effect', work: { kind: 'run', id: 'r' }, effect: { name: 'execute', attempt: 1 }, queued }],
  }
  const holds: Why['holds'] = [{ type: 'overdue', what: 'http-client:post', pool: 'text_step_pool', since: 2000 }]
  expect(whyLines({ ...about, of: 'run/r', holds, waitsFor: [step] }, telling)).toEqual([
    'run/r  running',
    '  http-client:post did not stop at its timeout, 3.0 s ago, and holds a place of the pool text_step_pool',
    '  → the place is free when the call ends',
    '  step/r.next  running',
    '    effect execute, attempt 1',
    '    is number 1 of 1 in the queue of the pool text_step_pool',
    '    2 places of it: held by calls that did not stop at their timeout',
    '    → continues when a worker is free',
  ])
})

it('why tells what a memory does by itself, and what continues it after a killed process', () => {
  const did = { at: 0, counts: { moved: 2 } }
  const failed = { code: 'storage', attempts: 2 }
  const holds: Why['holds'] = [
    { type: 'left', since: 0, work: { kind: 'message', id: 'memory' } },
    { type: 'duty', name: 'tiers', ran: 4_000, did, failed, until: 60_000 },
  ]
  const why: Why = { of: 'memory/ada', status: 'left', holds, waitsFor: [], more: 0, letters: [] }
  const telling = { now: 5_000, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  expect(whyLines(why, telling).slice(2)).toEqual([
    '  → continues with the next command of memory, or to continue: serve',
    '  tiers ran 1.0 s ago; its last work, 5.0 s ago: moved 2',
    '  failed with storage (2 times in a row)',
    '  → runs again in 55.0 s',
  ])
})
