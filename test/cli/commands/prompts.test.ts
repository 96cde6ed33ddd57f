import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { createPrompter } from '../../../src/cli/commands/run/prompts.ts'
import type { Terminal } from '../../../src/cli/terminal/terminal.ts'
import { InvalidError } from '../../../src/errors.ts'
import type { Client } from '../../../src/http/client/client.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { StepItem } from '../../../src/run/room/documents.ts'

type Expects = StepItem['expects']

/** A person who types these lines; undefined: they are gone. What was sent, and what they were told. */
function openDesk(
  items: readonly (Partial<StepItem> & { readonly expects: Expects })[],
  lines: (string | undefined)[],
) {
  const sent: (readonly [name: string, value: Json])[] = []
  const said: string[] = []
  const ended = new AbortController()
  const read = async (prompt: string, signal: AbortSignal) => {
    said.push(prompt)
    if (lines.length > 0) return lines.shift()
    return new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
  }
  const terminal = { colors: picocolors.createColors(false), say: (text: string) => void said.push(text), read }
  const inbox = items.map((item, n) => ({
    run: 'r',
    step: `s${n}`,
    signal: `s${n}`,
    since: n,
    kind: 'prompt',
    title: `t${n}`,
    ...item,
  }))
  const client = {
    inbox: { list: async () => inbox },
    runs: {
      async signal(_run: string, name: string, value: Json) {
        if (value === 'wrong') throw new InvalidError('it is wrong', { code: 'bad_value' })
        sent.push([name, value])
        return { status: 'taken' }
      },
    },
  }
  const room = { hold: () => void said.push('(hold)'), release: () => void said.push('(release)') }
  const asker = createPrompter(terminal as unknown as Terminal, client as unknown as Client, room, ended.signal)
  return { asker, sent, said, ended }
}

it.each<[expects: Expects, lines: string[], value: Json]>([
  [{ type: 'text' }, ['Ada'], 'Ada'],
  [{ type: 'text' }, ['wrong', 'right'], 'right'],
  [{ type: 'choice', choices: ['red', 'blue'] }, ['2'], 'blue'],
  [{ type: 'choice', choices: ['red', 'blue'] }, ['blue'], 'blue'],
  [{ type: 'multiline' }, ['a', 'b', ''], 'a\nb'],
  [
    { type: 'approval', choices: ['approve', 'reject'] },
    ['Reject', 'too long'],
    { action: 'reject', reason: 'too long' },
  ],
  [
    { type: 'approval', choices: ['approve', 'reject', 'modify'] },
    ['modify', 'new', ''],
    { action: 'modify', content: 'new' },
  ],
  [
    {
      type: 'answers',
      questions: [
        { id: 'a', type: 'text' },
        { id: 'b', type: 'text' },
      ],
    },
    ['x', ''],
    { a: 'x' },
  ],
])('%j is answered by %j', async (expects, lines, value) => {
  const { asker, sent } = openDesk([{ expects }], lines)
  asker.look('r')
  await asker.close()
  expect(sent).toEqual([['s0', value]])
})

it.each<[reason: object, prompt: string]>([
  [{}, 'reason (may be empty)> '],
  [{ reason: true }, 'reason> '],
])('for a decision with %j the terminal asks "%s"', async (reason, prompt) => {
  const expects = { type: 'approval', choices: ['approve', 'reject'], ...reason } as const
  const { asker, said } = openDesk([{ expects }], ['approve', 'fine'])
  asker.look('r')
  await asker.close()
  expect(said).toContain(prompt)
})

it('the terminal asks one question at a time, each once, and none that a program answers', async () => {
  const text = { expects: { type: 'text' } } as const
  const { asker, sent, said } = openDesk([text, { ...text, kind: 'signal' }, text], ['a', 'b'])
  asker.look('r')
  asker.look('r')
  await asker.close()
  expect(sent.map(([name]) => name)).toEqual(['s0', 's2'])
  expect(said.filter((line) => line.startsWith('('))).toEqual(['(hold)', '(release)', '(hold)', '(release)'])
})

it('a question answered elsewhere is withdrawn, and so is each question when the command ends', async () => {
  const text = { expects: { type: 'text' } } as const
  const { asker, sent, said, ended } = openDesk([text, text, text], [])
  asker.look('r')
  await expect.poll(() => said).toContain('t0')
  asker.over('r', 's0')
  await expect.poll(() => said).toContain('t1')
  ended.abort()
  await asker.close()
  expect(sent).toEqual([])
  expect(said).not.toContain('t2')
})

it('after the end of the input the terminal asks no more questions', async () => {
  const text = { expects: { type: 'text' } } as const
  const { asker, sent, said } = openDesk([text, text], [undefined, 'late'])
  expect(asker.gone.aborted).toBe(false)
  asker.look('r')
  asker.look('r')
  await asker.close()
  expect([asker.gone.aborted, sent]).toEqual([true, []])
  expect(said).not.toContain('t1')
})

it('an interruption at a question does not end the input', async () => {
  const { asker, said, ended } = openDesk([{ expects: { type: 'text' } }], [])
  asker.look('r')
  await expect.poll(() => said).toContain('t0')
  ended.abort()
  await asker.close()
  expect(asker.gone.aborted).toBe(false)
})
