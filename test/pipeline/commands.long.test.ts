import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { executeTool } from '../../src/tool/builtin/terminal/terminal.ts'
import { openWorkshop, tool } from './workshop.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-commands-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const ATTACKS = [
  "x'; touch pwned; '",
  'x; touch pwned',
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; "',
  'x\ntouch pwned',
]

const model = tool('model', (input) => input)

const pipeline = (parameters: object, value: string) =>
  JSON.stringify({
    name: 'x',
    steps: [
      { id: 'reply', tool: 'model', parameters: { text: value } },
      { id: 'act', tool: 'terminal', action: 'execute', parameters },
    ],
    outputs: { printed: '{{ act.stdout }}' },
  })

describe('a value that a template inserts into a command is never executed', () => {
  test.each([
    [{ command: 'printf %s {{ reply.text }}' }],
    [{ command: 'printf %s "{{ reply.text }}"' }],
    [{ command: "printf %s '{{ reply.text }}'" }],
    [{ command: 'printf %s {{ reply.text | quote }} | cat', shell: true }],
    [{ command: 'printf %s "$REPLY" | cat', shell: true, env: { REPLY: '{{ reply.text }}' } }],
  ])('%j', async (parameters) => {
    for (const value of ATTACKS) {
      const { run } = openWorkshop({ tools: [executeTool, model], services: { root: folder, roots: [folder] } })
      const end = await run(pipeline(parameters, value))
      expect(end).toMatchObject({ status: 'completed', outputs: { printed: value } })
      expect(existsSync(join(folder, 'pwned'))).toBe(false)
    }
  })

  test('unless the step says that every value is trusted', async () => {
    const { run } = openWorkshop({ tools: [executeTool, model], services: { root: folder, roots: [folder] } })
    const end = await run(pipeline({ command: 'echo {{ reply.text }}', shell: true, unsafe_shell: true }, 'a; echo b'))
    expect(end.outputs).toEqual({ printed: 'a\nb\n' })
  })

  test('and an argument is not split', async () => {
    const { run } = openWorkshop({ tools: [executeTool, model], services: { root: folder, roots: [folder] } })
    const end = await run(pipeline({ command: "printf '<%s>' {{ reply.text }}" }, '-a b c'))
    expect(end.outputs).toEqual({ printed: '<-a b c>' })
  })
})
