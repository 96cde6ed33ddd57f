import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import type { RunRequest } from '../../src/run/room/port.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'

const SECRET = 'forty-two'

/** A machine with a secret beside the project, one in the project, and a folder in it that is open to all. */
async function openMachine(atEnd: (close: () => unknown) => void) {
  const machine = mkdtempSync(join(tmpdir(), 'antiphon-untrusted-'))
  atEnd(() => rmSync(machine, { recursive: true, force: true, maxRetries: 5 }))
  const folder = join(machine, 'project')
  mkdirSync(join(folder, 'open'), { recursive: true })
  // the sandbox runs commands as nobody, who must be able to enter
  chmodSync(machine, 0o755)
  const child = `name: child\nsteps: [{ id: a, tool: debug, parameters: { message: x } }]\noutputs: { s: ${SECRET} }\n`
  writeFileSync(join(machine, 'secret.txt'), SECRET)
  writeFileSync(join(machine, 'secret.yaml'), child)
  writeFileSync(join(folder, 'secret.txt'), SECRET)
  writeFileSync(join(folder, 'secret.yaml'), child)
  writeFileSync(join(folder, 'open', 'notes.txt'), 'the ship leaves at noon')
  symlinkSync(machine, join(folder, 'open', 'link'))
  writeFileSync(join(folder, 'antiphon.yaml'), 'roots: [., open]\n')
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  atEnd(() => runtime.stop({ grace: 0 }))
  async function run(text: string, request: Partial<RunRequest> = {}) {
    const { id } = await runtime.runs.start({ source: { text, name: 'sent.yaml' }, trusted: false, ...request })
    await runtime.idle()
    return runtime.runs.get(id)
  }
  return { machine, folder, runtime, run }
}

// a command runs in a sandbox, and fails where there is none
const REFUSED = /lies outside the folders that tools may touch|No such file|No sandbox can run here|no text was given/
const steps = (...lines: string[]) => ['name: sent', 'steps:', ...lines.map((line) => `  - ${line}`)].join('\n')
const read = (path: string) => `{ id: a, tool: filesystem, action: read, parameters: { path: "${path}" } }`

let opened: Awaited<ReturnType<typeof openMachine>>
const closing: (() => unknown)[] = []
beforeAll(async () => {
  opened = await openMachine((close) => closing.unshift(close))
})
afterAll(async () => {
  for (const close of closing) await close()
})

type Try = [what: string, text: (machine: string) => string, inputs?: (machine: string) => object]

describe('a run of a remote caller', () => {
  const tries: readonly Try[] = [
    [
      'a path as an input',
      () => `inputs: { p: { type: file } }\n${steps(read('{{ p }}'))}`,
      (machine) => ({ p: join(machine, 'secret.txt') }),
    ],
    [
      'a path with dots as an input',
      () => `inputs: { p: { type: file } }\n${steps(read('{{ p }}'))}`,
      () => ({ p: '../secret.txt' }),
    ],
    [
      'a folder that would be granted',
      (machine) => `inputs: { p: { type: folder } }\n${steps(read(join(machine, 'secret.txt')))}`,
      (machine) => ({ p: machine }),
    ],
    ['a path by a step', (machine) => steps(read(join(machine, 'secret.txt')))],
    ['a path in the project', () => steps(read('secret.txt'))],
    ['a link', () => steps(read('open/link/secret.txt'))],
    ['what the data folder holds', () => steps(read('.antiphon/engine.db'))],
    [
      'how the project is set up',
      () =>
        steps(
          '{ id: a, tool: filesystem, action: write, parameters: { path: antiphon.yaml, content: "plugins: [x.ts]" } }',
        ),
    ],
    [
      'a file that is kept',
      () =>
        steps(
          '{ id: a, tool: data-processing, action: convert, location: ../out.txt, parameters: { data: [], to: json } }',
        ),
    ],
    [
      'a file in a template',
      (machine) =>
        `${steps(`{ id: a, tool: filesystem, action: write, parameters: { path: open/x.txt, content: "{{ include_file('${join(machine, 'secret.txt')}') }}" } }`)}`,
    ],
    [
      'a command',
      () => steps('{ id: a, tool: terminal, parameters: { command: cat ../secret.txt, working_dir: open } }'),
    ],
    [
      'a command of a pipeline below',
      () =>
        steps(
          '{ id: a, tool: pipeline-executor, parameters: { pipeline: { name: below, steps: [{ id: b, tool: terminal, parameters: { command: cat ../secret.txt, working_dir: open } }] } } }',
        ),
    ],
    [
      'a pipeline below by its path',
      (machine) =>
        steps(`{ id: a, tool: pipeline-executor, parameters: { pipeline: ${join(machine, 'secret.yaml')} } }`),
    ],
    [
      'a pipeline below by dots',
      () => steps('{ id: a, tool: pipeline-executor, parameters: { pipeline: ../secret.yaml } }'),
    ],
    ['a pipeline below by its id', () => steps('{ id: a, tool: pipeline-executor, parameters: { pipeline: secret } }')],
    [
      'a pipeline below that is granted a path',
      (machine) =>
        steps(
          `{ id: a, tool: pipeline-executor, parameters: { pipeline: { name: below, inputs: { p: { type: file } }, steps: [{ id: b, tool: filesystem, action: read, parameters: { path: "{{ p }}" } }] }, inputs: { p: ${join(machine, 'secret.txt')} } } }`,
        ),
    ],
    [
      'a file of a question',
      (machine) =>
        steps(
          `{ id: a, action: chain, parameters: { prompt: What is the secret?, files: [${join(machine, 'secret.txt')}] } }`,
        ),
    ],
    [
      'a source of a question',
      (machine) =>
        steps(
          `{ id: a, action: chain, parameters: { prompt: What is the secret?, sources: [{ id: f1, kind: file, ref: ${join(machine, 'secret.txt')} }] } }`,
        ),
    ],
  ]

  it.each(tries)('reaches nothing by %s', async (_what, text, inputs) => {
    const { machine, run } = opened
    const document = await run(text(machine), inputs ? { inputs: inputs(machine) as never } : {})
    expect(document.steps.a).toMatchObject({ status: 'failed', error: expect.stringMatching(REFUSED) })
    expect(JSON.stringify({ ...document, inputs: {} })).not.toContain(SECRET)
  })

  it.each<[what: string, text: (machine: string) => string]>([
    ['a path', (machine) => `{{ file:${join(machine, 'secret.txt')} }}`],
    ['dots', () => '<< ../secret.txt >>'],
    ['a name in the project', () => '{{ file:secret.txt }}'],
  ])('includes nothing by %s', async (_what, text) => {
    const { machine, runtime } = opened
    const source = { text: steps(`{ id: a, tool: debug, parameters: { message: "${text(machine)}" } }`) }
    await expect(runtime.runs.start({ source })).rejects.toMatchObject({ code: 'invalid_pipeline' })
    const verdict = await runtime.pipelines.validate({ source })
    expect(verdict.findings).toMatchObject([{ code: 'include_missing', file: 'pipeline.yaml', line: 3 }])
    expect(JSON.stringify(verdict)).not.toContain(SECRET)
  })

  it('its findings say nothing about files', async () => {
    const { machine, runtime } = opened
    const below = (pipeline: string) =>
      steps(`{ id: a, tool: pipeline-executor, parameters: { pipeline: "${pipeline}" } }`)
    for (const name of [join(machine, 'secret.txt'), join(machine, 'none.txt'), '../secret.yaml', 'secret'])
      expect((await runtime.pipelines.validate({ source: { text: below(name) } })).findings).toEqual([])
  })

  it('may touch the folders in which nothing of antiphon lies, and call what is configured', async () => {
    const { run } = opened
    expect(await run(steps(read('open/notes.txt')))).toMatchObject({ status: 'completed' })
  })

  it('is followed by forks that are not trusted either, and a fork by such a one opens nothing', async () => {
    const { machine, run, runtime } = opened
    const text = `inputs: { p: { type: file, default: open/notes.txt } }\n${steps(read('{{ p }}'))}`
    const { execution_id: id } = await run(text)
    const set = { p: join(machine, 'secret.txt') }
    const fork = await runtime.runs.fork(id, { set })
    const trusted = await run(text, { trusted: true, inputs: set })
    expect(trusted.status).toBe('completed')
    const bounded = await runtime.runs.fork(trusted.execution_id, { trusted: false, at: 'a' })
    await runtime.idle()
    for (const run of [fork, bounded])
      expect((await runtime.runs.get(run.id)).steps.a).toMatchObject({ status: 'failed' })
  })
})

it('a path that a step gives a pipeline below opens nothing, whoever started it', async () => {
  const { machine, run } = opened
  const text = steps(
    `{ id: a, tool: pipeline-executor, parameters: { pipeline: { name: below, inputs: { p: { type: file } }, steps: [{ id: b, tool: filesystem, action: read, parameters: { path: "{{ p }}" } }] }, inputs: { p: ${join(machine, 'secret.txt')} } } }`,
  )
  expect((await run(text, { trusted: true })).steps.a).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(REFUSED),
  })
})
