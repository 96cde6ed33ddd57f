import { describe, expect, it } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { runStartMessage } from '../../src/pipeline/run/start-message.ts'
import { createRedaction } from '../../src/secret/redaction.ts'
import type { ToolSecrets } from '../../src/tool/secrets.ts'
import { defineTool, ToolFailure } from '../../src/tool/tool.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { readRun } from './read-run.ts'
import { memoryValues, openWorkshop, tool } from './workshop.ts'

const VALUE = 'planted-value-0815'

/** A workshop whose tools are given a secret `lab`; `got`: with what its tool `use` was called. */
function openLab(act: (input: { [name: string]: Json }, emit: (delta: Json) => void) => Json = () => ({ done: true })) {
  const got: Json[] = []
  const redaction = createRedaction({})
  const secrets: ToolSecrets = {
    hide: redaction.hide,
    shown: redaction.shown,
    problem: async (problem) => redaction.problem(problem),
    async get(name) {
      if (name === 'lab') redaction.learn([['lab', VALUE]])
      return name === 'lab' ? VALUE : undefined
    },
  }
  const use = tool('use', (input, { emit }) => {
    got.push(input)
    return act(input, emit)
  })
  const values = memoryValues()
  const shop = openWorkshop({ tools: [use, noting(got)], values, services: { secrets } })
  /** All that lies on disk, and that was told. */
  const kept = async () => JSON.stringify([values.all, shop.disk, await shop.events('run_1')], withMaps)
  return { ...shop, got, kept }
}

const withMaps = (_key: string, value: unknown) => (value instanceof Map ? [...value] : value)

/** A tool that notes how it was before, and what it is told to undo. */
const noting = (got: Json[]) =>
  defineTool({
    ...tool('note', (input) => ({ noted: Object.keys(input) }), 'at-most-once'),
    prepare: ({ memo = null }) => memo,
    undo: ({ input, memo }) => void got.push({ undo: input as Json, memo }),
  })

const use = (parameters: object, more = '') =>
  `name: x\nsteps:\n  - { id: a, tool: use, parameters: ${JSON.stringify(parameters)}${more} }\n`

describe('a secret that a step names', () => {
  it('is given to its tool, wherever in the parameters it stands, and lies nowhere', async () => {
    const lab = openLab((input) => ({ echoed: input, [`key ${VALUE}`]: btoa(`me:${VALUE}`) }))
    const asked = { token: 'secret://lab', headers: [{ authorization: 'Bearer secret://lab' }], n: 1 }
    const { status } = await lab.run(use(asked))
    expect(status).toBe('completed')
    expect(lab.got).toEqual([{ token: VALUE, headers: [{ authorization: `Bearer ${VALUE}` }], n: 1 }])
    const kept = await lab.kept()
    expect(kept).toContain('"echoed":{"token":"[redacted]"')
    expect(kept).toContain('Bearer secret://lab')
    expect(kept).not.toContain(VALUE)
    expect(kept).not.toContain(btoa(`me:${VALUE}`))
  })

  it('is not what an input, a result or a template names', async () => {
    const lab = openLab((input) => input)
    const text = `${use({ token: '{{ inputs.given }}' })}  - { id: b, tool: use, parameters: { t: "{{ a.token }}", l: ["{{ inputs.given }}"] } }\n`
    await lab.run(`inputs: { given: { type: string } }\n${text}`, { given: 'secret://lab' })
    expect(lab.got).toEqual([{ token: 'secret://lab' }, { t: 'secret://lab', l: ['secret://lab'] }])
  })

  it('that is not there fails the step, and says how to keep it', async () => {
    const lab = openLab()
    const { status, problem } = await lab.run(use({ token: 'secret://other.one' }))
    expect([status, problem]).toMatchObject(['failed', { code: 'secret_missing' }])
    const { steps } = (await readRun(lab.engine.view, lab.values, 'run_1'))!
    expect(steps.a).toMatchObject({
      error: 'There is no secret other.one.',
      error_hint: 'Store it with `antiphon keys set other.one`, or set ANTIPHON_SECRET_OTHER_ONE in the environment.',
    })
    expect(lab.got).toEqual([])
  })

  it('is not given to a run from the network', async () => {
    const lab = openLab()
    const pipeline = lab.compile(use({ token: 'secret://lab' }))
    const message = await runStartMessage(lab.values, pipeline, {}, { untrusted: true })
    await lab.engine.tell({ kind: 'run', key: 'run_1' }, message as unknown as Json)
    const end = (await lab.events('run_1')).at(-1)
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'secret_refused' } })
    expect(lab.got).toEqual([])
  })

  it('is given to what undoes a step, and a memo with one is not kept', async () => {
    const lab = openLab()
    const note = (id: string, memo: string) =>
      `  - { id: ${id}, tool: note, parameters: { token: "secret://lab", memo: "${memo}" } }\n`
    const text = `name: x\non_failure: undo\nsteps:\n${note('a', 'as it was')}${note('b', 'secret://lab')}  - { id: c, tool: fail, dependencies: [a, b] }\n`
    await lab.run(text)
    expect(lab.got).toEqual([{ undo: { token: VALUE, memo: 'as it was' }, memo: 'as it was' }])
    const kept = await lab.kept()
    expect(kept).toContain('The state before note was not recorded.')
    expect(kept).not.toContain(VALUE)
  })
})

it('a delta of a tool holds no secret', async () => {
  const lab = openLab((_input, emit) => {
    emit({ told: [VALUE] })
    return {}
  })
  const end = new AbortController()
  const deltas: Json[] = []
  const heard = (async () => {
    for await (const delta of lab.engine.view.deltas('run_1', end.signal)) deltas.push(delta)
  })()
  await lab.run(use({ token: 'secret://lab' }))
  end.abort()
  await heard
  expect(deltas).toContainEqual({ told: ['[redacted]'] })
})

describe('the error of a tool', () => {
  it.each<[how: string, error: () => Error]>([
    ['an error that repeats it', () => new TerminalError(`no: ${VALUE}`, { code: 'tool_error', hint: `not ${VALUE}` })],
    ['an error that repeats it in base64', () => new Error(`no: ${btoa(`me:${VALUE}`)}`)],
    ['a result that repeats it', () => new ToolFailure(`no: ${VALUE}`, { result: { stderr: [`? ${VALUE}`] } })],
  ])('holds no secret: %s', async (_how, error) => {
    const lab = openLab(() => {
      throw error()
    })
    const { status, problem } = await lab.run(use({ token: 'secret://lab' }, ', retries: 1'))
    expect([status, problem]).toMatchObject(['failed', { message: expect.stringContaining('[redacted]') }])
    const kept = await lab.kept()
    expect(kept).not.toContain(VALUE)
    expect(kept).not.toContain(btoa(`me:${VALUE}`))
  })
})

describe('the compiler refuses a secret', () => {
  const toolbox = createToolbox([tool('use', () => ({}))])
  const findings = (text: string) => compileText(text, { file: 'test.yaml', toolbox }).findings

  it('beside a template', () => {
    const text = use({ url: 'https://{{ inputs.host }}/?key=secret://lab' })
    expect(findings(`inputs: { host: { type: string } }\n${text}`)).toMatchObject([
      { code: 'not_supported', step: 'a', path: 'steps[0].parameters.url', message: /beside a template/ },
    ])
  })

  it.each(['{{ inputs.which }}', '{% if inputs.which %}lab{% endif %}', '<AUTO>the right one</AUTO>'])(
    'that a template names: %s',
    (template) => {
      const text = use({ token: `secret://${template}` })
      expect(findings(`inputs: { which: { type: string } }\n${text}`)).toMatchObject([
        {
          code: 'not_supported',
          step: 'a',
          path: 'steps[0].parameters.token',
          message: /`secret:\/\/…` is not put in/,
        },
      ])
    },
  )

  it('questions to a model', () => {
    const text = 'name: x\nsteps:\n  - { id: a, action: generate, parameters: { prompt: "secret://lab" } }\n'
    expect(findings(text)).toMatchObject([{ code: 'not_supported', message: /only tools are given secrets/ }])
    expect(findings(text.replace('"secret', '"what is secret'))).toEqual([])
  })
})
