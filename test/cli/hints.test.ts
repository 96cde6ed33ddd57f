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

it('what to do about a failed step stands in the document, under its message, and in why', async () => {
  const { runtime, id } = await runFailing()
  const run = await runtime.runs.get(id)
  const shell = expect.stringMatching(/^set `shell: true`/)
  const guard =
    "to continue without it: {{ list.stdout | default('…') }}, or check it first: {% if list.status == 'completed' %}"
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
    expect.stringMatching(/^ {4}set `shell: true`/),
    `  count: ${unresolved}`,
    `    ${guard}`,
  ])

  const why = await runtime.inspector.why(id)
  const lines = whyLines(why, { now: Date.now(), colors: COLORS, command: (...args) => args.join(' ') })
  expect(lines.join('\n')).toContain(`needs a shell: ls | wc -l (${guard})`)
})

it('what goes on with a question that a killed process left goes on with it whatever its id and its thread', () => {
  const hold = { type: 'left', since: 0, work: 'ask_1' } as const
  const left = (of: string, more: readonly Why[] = []): Why => ({
    ...{ of, status: 'left', holds: [hold], waitsFor: more, more: 0, letters: [] },
  })
  const telling = { now: 0, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  const lines = whyLines(left('chain/lease', [left('phase/lease.action')]), telling)
  expect(lines.filter((line) => line.includes('→'))).toEqual(['  → to continue: serve', '    → to continue: serve'])
})

it('what goes on with a goal that a killed process left is `agent resume`', () => {
  const hold = { type: 'left', since: 0, work: 'harbour' } as const
  const why: Why = { of: 'agent/harbour', status: 'left', holds: [hold], waitsFor: [], more: 0, letters: [] }
  const below: Why = { ...why, of: 'run/harbour.1', holds: [{ ...hold, work: 'harbour.1' }] }
  const telling = { now: 0, colors: COLORS, command: (...args: readonly string[]) => args.join(' ') }
  const lines = whyLines({ ...why, waitsFor: [below] }, telling)
  expect(lines.filter((line) => line.includes('→'))).toEqual([
    '  → to continue: agent resume harbour',
    '    → to continue: agent resume harbour',
  ])
})

it('who asks for a run that is not there is told of those that are nearly called so', async () => {
  const { runtime, id } = await runFailing()
  const told = async (of: string) => {
    const error: unknown = await runtime.runs.get(of).catch((error: unknown) => error)
    return explainError(error, '/')
  }
  const lists = '`antiphon runs` lists all runs'
  expect(await told(id.slice(4, 12))).toEqual({
    text: `there is no run ${id.slice(4, 12)}\n  Did you mean ${id}? ${lists}`,
    exit: 2,
  })
  expect((await told(`${id}x`)).text).toBe(`there is no run ${id}x\n  Did you mean ${id}? ${lists}`)
  for (const act of [
    () => runtime.runs.resume('nope'),
    () => runtime.runs.cancel('nope', ''),
    () => runtime.runs.signal('nope', 'go', 1),
    () => runtime.runs.fork('nope'),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'not_found', hint: lists })
})
